import { Worker, type ResourceLimits, type Transferable } from 'node:worker_threads';
import { CLOSE, START, type ThreadResponse } from './messages.js';
import { threadFigures } from './thread-figures.js';

/** The code of a call whose thread is gone. */
const DIED = 'thread-died';

/** What a worker thread answered when a call failed: `code` is the thread's own, `message` is for the log only. */
export class ThreadError extends Error {
  constructor(
    readonly code: string,
    message: string,
    stack?: string,
  ) {
    super(message);
    if (stack) this.stack = stack;
  }

  /** The error of a call for which there is no thread any more. */
  static ofDeath(message: string): ThreadError {
    return new ThreadError(DIED, message);
  }

  /** Whether there was no answer, since the thread is gone. */
  get died(): boolean {
    return this.code === DIED;
  }
}

export type ThreadAnswer = (error: ThreadError | null, body?: unknown) => void;

/** A worker thread that answers calls, seen from the main thread. When it has died, every open call fails with an error that says so (`died`). */
export class Thread {
  private readonly open = new Map<number, ThreadAnswer>();
  private nextId = START + 1;
  private dead: ThreadError | undefined;
  private leaving = false;
  private readonly ended: Promise<void>;

  private constructor(
    readonly name: string,
    private readonly worker: Worker,
  ) {
    worker.on('message', (message: ThreadResponse) => {
      const answer = this.open.get(message.id);
      this.open.delete(message.id);
      if ('error' in message)
        answer?.(new ThreadError(message.error.code, message.error.message, message.error.stack));
      else answer?.(null, message.body);
    });
    worker.on('error', (error) => this.die(error.message));
    this.ended = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.die(`it left with code ${code}`);
        this.failOpen();
        resolve();
      });
    });
  }

  /** Starts the thread and waits until it can answer. */
  static async start(
    name: string,
    entry: URL,
    workerData: unknown,
    resourceLimits: ResourceLimits = {},
  ): Promise<Thread> {
    const thread = new Thread(name, new Worker(entry, { name, workerData, resourceLimits }));
    threadFigures.noteStart(name);
    await new Promise<void>((resolve, reject) => {
      thread.open.set(START, (error) => (error ? reject(error) : resolve()));
    });
    return thread;
  }

  get alive(): boolean {
    return this.dead === undefined;
  }

  /** Settled when the thread has ended and what it had open is closed: files, and the locks on them. */
  get gone(): Promise<void> {
    return this.ended;
  }

  /** Told once if the thread ends although nobody asked it to. */
  onDeath: ((error: ThreadError) => void) | undefined;

  send(type: string, body: unknown, answer: ThreadAnswer, transfer?: Transferable[]): void {
    if (this.dead) return answer(this.dead);
    const id = this.nextId++;
    this.open.set(id, answer);
    try {
      this.worker.postMessage({ id, type, body }, transfer);
    } catch (error) {
      this.open.delete(id);
      answer(new ThreadError('not-sent', error instanceof Error ? error.message : String(error)));
    }
  }

  call<T>(type: string, body: unknown, transfer?: Transferable[]): Promise<T> {
    return new Promise((resolve, reject) => {
      this.send(type, body, (error, result) => (error ? reject(error) : resolve(result as T)), transfer);
    });
  }

  /** Calls `close`, which ends the thread from inside: killing one that runs native code would end the whole process. @returns its last answer, if it has one */
  async close(): Promise<unknown> {
    if (this.leaving || this.dead) return this.ended;
    this.leaving = true;
    const last = await this.call(CLOSE, undefined).catch((error: unknown) => {
      if (!(error instanceof ThreadError && error.died)) throw error;
    });
    await this.ended;
    return last;
  }

  private die(reason: string): void {
    if (this.dead) return;
    this.dead = ThreadError.ofDeath(`the ${this.name} thread is gone: ${reason}`);
    if (this.leaving) return;
    threadFigures.noteDeath(this.name);
    this.onDeath?.(this.dead);
  }

  /**
   * Only once the thread has ended, and not as its error is heard of: an answer that it gave before may be heard of later, and to
   * take it for a failure would be to call lost what is on disk.
   */
  private failOpen(): void {
    const open = [...this.open.values()];
    this.open.clear();
    for (const answer of open) answer(this.dead as ThreadError);
  }
}
