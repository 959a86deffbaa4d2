/** The built server, as the target of attacks: a process with models and data of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const LONGEST_START_MS = 60_000;

/** A running server; `said` is the end of its log. */
export class FuzzTarget {
  private said = '';
  port = 0;
  /** How it ended, once it has. */
  end: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    child.stderr?.on('data', (text: Buffer) => (this.said = (this.said + text.toString()).slice(-20_000)));
    child.on('exit', (code, signal) => (this.end = `it ended with ${signal ?? `code ${code}`}`));
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<FuzzTarget> {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-fuzz-'));
    const models = join(folder, 'models');
    mkdirSync(models);
    for (const from of ['models', 'test/fixtures/models'])
      cpSync(join(PROJECT, from), models, { recursive: true });
    const inherited = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('ORIEL_') && name !== 'NODE_OPTIONS',
    );
    const child = spawn(process.execPath, [join(PROJECT, 'dist/main.js')], {
      env: {
        ...Object.fromEntries(inherited),
        ORIEL_PORT: '0',
        ORIEL_MODELS: models,
        ORIEL_DATA: join(folder, 'data'),
        ORIEL_LOG_LEVEL: 'error',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const target = new FuzzTarget(child, folder);
    await target.ready();
    return target;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get models(): string {
    return join(this.folder, 'models');
  }

  /** The end of what it logged. */
  get log(): string {
    return this.said;
  }

  /** Has it leave, and says whether it did so as it should. */
  async stop(): Promise<string> {
    const left = new Promise((resolve) => this.child.once('close', resolve));
    if (this.end === undefined) {
      this.child.kill('SIGTERM');
      await left;
    }
    rmSync(this.folder, { recursive: true, force: true });
    return this.end ?? '';
  }

  private ready(): Promise<void> {
    return new Promise((ready, fail) => {
      const late = setTimeout(() => {
        this.child.kill('SIGKILL');
        fail(new Error(`the server is not ready in time: ${this.said}`));
      }, LONGEST_START_MS);
      this.child.stdout?.on('data', (text: Buffer) => {
        const port = /^Oriel is ready at http:\S+:(\d+)/m.exec(text.toString())?.[1];
        if (port === undefined) return;
        clearTimeout(late);
        this.port = Number(port);
        ready();
      });
    });
  }
}
