/** Runs the built command `oriel` (`dist/cli.js`) as its users do. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT } from './server.js';

export const CLI = join(PROJECT, 'dist/cli.js');

const children: ChildProcess[] = [];

/** Whatever a failed test left running goes. */
afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Options {
  cwd?: string;
  environment?: Readonly<Record<string, string>>;
  /** The file of the command, where it is another than that of this project. */
  cli?: string;
}

/** Starts the command; what it says and how it ends is in `ended`. */
export function launch(
  args: readonly string[],
  { cwd = PROJECT, environment = {}, cli = CLI }: Options = {},
): { child: ChildProcess; ended: Promise<Ended>; output: { stdout: string; stderr: string } } {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('ORIEL_') && name !== 'NODE_OPTIONS',
  );
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code, signal) => done({ code, signal, ...output }));
  });
  return { child, ended, output };
}

/** Runs the command to its end. */
export function oriel(args: readonly string[], options: Options = {}): Promise<Ended> {
  return launch(args, options).ended;
}
