import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../config/environment.js';
import { ThreadError } from '../../threads/thread.js';
import { READY, type ProbeCall, type ProbeReply } from './probe-messages.js';

/** What the engine and the runtime themselves need before any model. */
const OWN_BYTES = 256 * 2 ** 20;
const WATCH_MEMORY_MS = 50;
const PAGE = 4096;
const SHELL = '/bin/sh';
/** Most characters of what a process wrote to stderr that are told when it has died. */
const MAX_LAST_WORDS = 2000;

/** Why a process ended: of itself, before it could be asked (`start`) or after, or since it was ended for what is named. */
export type EndOf = 'start' | 'crash' | 'time' | 'memory' | 'turn' | 'closed';

/** A call that has no answer, since the process ended. */
export class ProbeEnded extends Error {
  constructor(
    readonly reason: EndOf,
    message: string,
  ) {
    super(message);
  }
}

/** A process that loads models, seen from the one that started it: one call at a time. */
export class ProbeProcess {
  private readonly child: ChildProcess;
  private reason: EndOf = 'start';
  private lastWords = '';
  private ended: ProbeEnded | undefined;
  private open: { resolve: (body: unknown) => void; reject: (error: Error) => void } | undefined;
  private watch: NodeJS.Timeout | undefined;
  private readonly ready: Promise<unknown>;
  readonly gone: Promise<void>;

  /** @param memory bytes that it may use for a model; enforced by the system where it can, and watched on Linux */
  constructor(
    entry: URL,
    private readonly memory: number,
  ) {
    this.child = start(fileURLToPath(entry), memory + OWN_BYTES);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.lastWords = (this.lastWords + text).slice(-MAX_LAST_WORDS);
    });
    this.child.on('message', (message) => this.hear(message as typeof READY | ProbeReply));
    this.ready = this.expect();
    this.ready.catch(() => undefined); // told to whoever calls
    this.gone = new Promise((resolve) => {
      const end = (how: string): void => {
        clearInterval(this.watch);
        this.ended ??= new ProbeEnded(this.reason, `${how}. ${this.lastWords}`.trim());
        this.open?.reject(this.ended);
        this.open = undefined;
        resolve();
      };
      this.child.once('error', (error) => end(`the prober could not be started: ${error.message}`));
      this.child.once('close', (code, signal) => end(`the prober ended with ${signal ?? `code ${code}`}`));
    });
  }

  /** How it ended, once it has. */
  get fate(): ProbeEnded | undefined {
    return this.ended;
  }

  get alive(): boolean {
    return this.ended === undefined && this.child.connected;
  }

  /** @throws ThreadError for what the process answers; ProbeEnded where it ends before it has */
  async call<T>(call: ProbeCall): Promise<T> {
    await this.ready;
    if (this.ended) throw this.ended;
    const answer = this.expect();
    this.watch ??= setInterval(() => this.weigh(), WATCH_MEMORY_MS).unref();
    this.child.send(call, (error) => {
      if (error) this.child.kill('SIGKILL'); // what it was not told it cannot answer
    });
    try {
      return (await answer) as T;
    } finally {
      clearInterval(this.watch);
      this.watch = undefined;
    }
  }

  /** Ends it at once; what it was asked fails with `reason`. */
  end(reason: EndOf): void {
    if (this.ended) return;
    if (this.reason === 'start' || this.reason === 'crash') this.reason = reason;
    this.child.kill('SIGKILL');
  }

  /** Whether it keeps the process that started it from leaving. */
  hold(held: boolean): void {
    const { channel, stderr } = this.child;
    for (const one of [this.child, channel, stderr as Socket | null])
      if (held) one?.ref();
      else one?.unref();
  }

  private expect(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.ended) reject(this.ended);
      else this.open = { resolve, reject };
    });
  }

  private hear(message: typeof READY | ProbeReply): void {
    const { open } = this;
    this.open = undefined;
    if (message === READY) {
      if (this.reason === 'start') this.reason = 'crash';
      open?.resolve(undefined);
    } else if ('error' in message)
      open?.reject(new ThreadError(message.error.code, message.error.message, message.error.stack));
    else open?.resolve(message.body);
  }

  /** The system's own limit does not count everything, and not every system has one. */
  private weigh(): void {
    readFile(`/proc/${this.child.pid}/statm`, 'utf8').then(
      (text) => {
        if (Number(text.split(' ')[1]) * PAGE > this.memory + OWN_BYTES) this.end('memory');
      },
      () => undefined, // no Linux, or it has just ended
    );
  }
}

/** `ulimit -d` bounds what a process may ask for, so that a model that wants too much is refused before it has it. */
function start(entry: string, bytes: number): ChildProcess {
  const stdio: ('ignore' | 'pipe' | 'ipc')[] = ['ignore', 'ignore', 'pipe', 'ipc'];
  const options = { stdio, serialization: 'advanced' as const, env: childEnvironment() };
  if (process.platform !== 'linux' || !existsSync(SHELL)) return spawn(process.execPath, [entry], options);
  const limited = 'ulimit -c 0; ulimit -d "$1" 2>/dev/null; exec "$2" "$3"';
  const kibibytes = String(Math.floor(bytes / 1024));
  return spawn(SHELL, ['-c', limited, 'sh', kibibytes, process.execPath, entry], options);
}
