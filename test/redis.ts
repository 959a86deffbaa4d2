/** A real Redis of the test's own, where the machine has one: `redis-server` or `valkey-server` on the PATH. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { eventually } from './server.js';

const NAMES = ['redis-server', 'valkey-server'];

/** The executable; undefined where there is none. */
export function redisExecutable(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export class Redis {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly executable: string,
    readonly port: number,
  ) {}

  /** Starts a Redis without files on a free port. */
  static async start(executable: string): Promise<Redis> {
    const redis = new Redis(executable, await freePort());
    await redis.open();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.child = spawn(this.executable, options, { stdio: 'ignore' });
    await eventually('the Redis answers', () => this.command('PING').catch(() => undefined));
  }

  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child) return;
    const ended = new Promise((done) => child.once('close', done));
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await ended;
  }

  /** Sends one command and gives what comes back, in Redis's own form. */
  command(...words: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(`${words.join(' ')}\r\nQUIT\r\n`));
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('error', reject).on('end', () => resolve(text));
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
