/** Starts and stops the servers under test, each as a process of its own with a data folder of its own. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const START_LIMIT = 60_000;
const STOP_LIMIT = 10_000;
const LOG_TAIL = 2000;

const children = new Set<ChildProcess>();
const folders = new Set<string>();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

/** A folder that goes with the benchmark. It is under `data`, not in the system's, which may be memory: fsync must cost. */
export function temporaryFolder(): string {
  mkdirSync(join(ROOT, 'data'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'data', 'bench-'));
  folders.add(folder);
  return folder;
}

export interface Server {
  readonly pid: number;
  readonly address: string;
  stop(): Promise<void>;
}

/** Settings of Oriel from the environment, less those that the benchmark sets itself. */
export function givenSettings(): Record<string, string> {
  const own = new Set([
    'ORIEL_HOST',
    'ORIEL_PORT',
    'ORIEL_DATA',
    'ORIEL_AUDIT',
    'ORIEL_MODELS',
    'ORIEL_AUDIT_POLICY',
  ]);
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith('ORIEL_') && value && !own.has(name) ? [[name, value]] : [],
    ),
  );
}

/** What `npm start` gives Node. */
const HEAP = ['--max-semi-space-size=64'];

export interface OrielOptions {
  models?: string;
  /** A data folder; without it, one of its own that is gone afterwards. */
  data?: string;
  /** A file with the rules of what is recorded. */
  policy?: string;
}

export function startOriel(
  audit: 'strict' | 'buffered',
  { models = join(ROOT, 'models'), data = temporaryFolder(), policy }: OrielOptions = {},
): Promise<Server> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ORIEL_'));
  return started([...HEAP, 'dist/main.js'], {
    ...Object.fromEntries(inherited),
    ...givenSettings(),
    ORIEL_PORT: '0',
    ORIEL_DATA: data,
    ORIEL_AUDIT: audit,
    ORIEL_MODELS: models,
    ...(policy === undefined ? {} : { ORIEL_AUDIT_POLICY: policy }),
  });
}

/** @param answerBytes length of the answer's body */
export function startBare(answerBytes: number): Promise<Server> {
  return started(['--import', 'tsx', 'bench/bare.ts', String(answerBytes)], process.env);
}

async function started(args: string[], env: NodeJS.ProcessEnv): Promise<Server> {
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-LOG_TAIL)));
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${args.join(' ')} ${why}\n${log}`));
    const late = setTimeout(() => fail('did not start in time'), START_LIMIT);
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(0, LOG_TAIL);
      const found = /ready at (http:\/\/\S+)/.exec(told)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
    child.on('exit', (code) => {
      clearTimeout(late);
      children.delete(child);
      fail(`left with code ${code}`);
    });
  });
  return { pid: child.pid ?? 0, address, stop: () => stopped(child) };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  child.kill('SIGTERM');
  await once(child, 'exit');
  clearTimeout(late);
}

/** A load generator in a process of its own: takes a job, answers with what it measured. */
export class Generator<Job extends object, Measured> {
  private readonly child: ChildProcess;

  constructor(file: string) {
    this.child = fork(join(ROOT, 'bench', file), { cwd: ROOT, execArgv: ['--import', 'tsx'] });
    children.add(this.child);
  }

  run(job: Job): Promise<Measured> {
    return new Promise((resolve, reject) => {
      const left = (code: number | null): void =>
        reject(new Error(`the load generator left with code ${code}`));
      this.child.once('exit', left);
      this.child.once('message', (measured) => {
        this.child.off('exit', left);
        resolve(measured as Measured);
      });
      this.child.send(job);
    });
  }

  stop(): void {
    children.delete(this.child);
    this.child.kill();
  }
}
