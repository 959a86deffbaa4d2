/** Starts the built server (`dist/main.js`) as its users do: a process with an address, a data folder and signals. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The files of this project, wherever the tests were started from. */
export const PROJECT = resolve(import.meta.dirname, '..');
export const MODELS = join(PROJECT, 'models');

export type Environment = Readonly<Record<string, string>>;

const folders: string[] = [];
const servers: Server[] = [];

/** After the tests of a file every server that still runs must leave cleanly; then its folders go. */
afterAll(async () => {
  try {
    for (const server of servers) if (server.running) await server.stop();
  } finally {
    for (const server of servers) await server.kill();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
});

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-test-'));
  folders.push(folder);
  return folder;
}

/** Asks again until there is an answer; fails with `what` when none comes in time. */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  within = 20_000,
): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${within} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

/** How a process ended. */
export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A server process, running or ended. */
export class Server {
  private readonly child: ChildProcess;
  private ended: End | undefined;
  readonly exit: Promise<End>;
  stdout = '';
  stderr = '';
  /** Where it listens, such as `http://127.0.0.1:41234`. */
  url = '';
  port = 0;

  private constructor(environment: Environment, wrapper: readonly string[]) {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('ORIEL_') && name !== 'NODE_OPTIONS',
    );
    const [command, ...rest] = [...wrapper, process.execPath, join(PROJECT, 'dist/main.js')];
    this.child = spawn(command, rest, {
      env: {
        ...Object.fromEntries(inherited),
        ORIEL_PORT: '0',
        ORIEL_MODELS: MODELS,
        ORIEL_SHUTDOWN_DELAY: '0ms',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exit = new Promise((done) => {
      this.child.once('close', (code, signal) => {
        this.ended = { code, signal };
        done(this.ended);
      });
    });
  }

  /**
   * Starts a server and waits until it has printed its address.
   * @param wrapper a command that becomes the one after it (by `exec`), to start it under limits
   */
  static async start(environment: Environment, wrapper: readonly string[] = []): Promise<Server> {
    const server = Server.launch(environment, wrapper);
    const address = await eventually('the address is printed', () => {
      if (server.ended) throw new Error(`the server did not start: ${server.stderr}`);
      return /^Oriel is ready at (http:\S+)/m.exec(server.stdout)?.[1];
    });
    server.url = address;
    server.port = Number(new URL(address).port);
    return server;
  }

  /** Starts a server of the models in a folder, on data of its own. */
  static of(models: string): Promise<Server> {
    return Server.start({ ORIEL_MODELS: models, ORIEL_DATA: temporaryFolder() });
  }

  /** Starts a process that is expected to leave by itself, and waits for its end. */
  static async startInVain(environment: Environment): Promise<Server & { end: End }> {
    const server = Server.launch(environment);
    const end = await eventually('the process leaves', () => server.ended);
    return Object.assign(server, { end });
  }

  private static launch(environment: Environment, wrapper: readonly string[] = []): Server {
    const server = new Server(environment, wrapper);
    servers.push(server);
    return server;
  }

  get running(): boolean {
    return this.ended === undefined;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Asks it to leave, and holds it to a clean end. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    expect(await eventually('the server leaves', () => this.ended, 40_000)).toEqual({
      code: 0,
      signal: null,
    });
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    if (!this.ended) this.signal('SIGKILL');
    await this.exit;
  }
}
