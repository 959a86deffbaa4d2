import type { Settings } from '../config/settings.js';
import { givenUp, Restarts } from '../threads/restarts.js';
import { Thread } from '../threads/thread.js';
import type { Checkpoint } from './checkpoints.js';
import type { JournalEntry, JournalThreadData } from './messages.js';

/** Wait before the first and the longest wait before any other try after one that failed. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

export interface JournalThreadEvents {
  /** The thread died, or could not be started in place of one that died. */
  down(error: Error): void;
  /** There is a thread again. */
  up(): void;
}

type CommitDone = (error: Error | null, body?: unknown) => void;

interface Held {
  batch: readonly JournalEntry[];
  answer: CommitDone;
}

/**
 * The journal thread, and the next one when it dies. What it was writing then fails, since nobody knows whether that is on disk, and
 * is never sent again, so nothing can be on record twice. What comes while there is none waits for the first try to start another;
 * if that fails it is refused, and so is all else until a try succeeds. Tries go on for ever, each after a longer wait; only where threads
 * do start, and die again and again, is that given up.
 */
export class JournalThread {
  private thread: Thread | undefined;
  private held: Held[] = [];
  /** Starts that failed since the last that did not. */
  private failures = 0;
  private readonly restarts: Restarts;
  private refusal: Error | undefined;
  private lost = false;
  private timer: NodeJS.Timeout | undefined;
  private starting: Promise<void> | undefined;
  private closing = false;

  constructor(
    private readonly entry: URL,
    private readonly settings: Pick<Settings, 'dataDir' | 'threadRestarts'>,
    private readonly events: JournalThreadEvents,
  ) {
    this.restarts = new Restarts(settings.threadRestarts);
  }

  /** Starts the first one. @throws what keeps it from starting */
  async open(): Promise<void> {
    this.take(await this.begin(false));
  }

  get alive(): boolean {
    return this.thread?.alive === true;
  }

  /** Whether threads died so often that none is started any more. */
  get givenUp(): boolean {
    return this.lost;
  }

  /** Batches that wait for a thread. */
  get holding(): number {
    return this.held.length;
  }

  commit(batch: readonly JournalEntry[], answer: CommitDone): void {
    if (this.thread?.alive) this.thread.send('commit', batch, answer);
    else if (this.refusal) answer(this.refusal);
    else this.held.push({ batch, answer });
  }

  /** Has the thread do something between two commits. @throws what it says, or why there is none */
  async ask<T>(type: string, body: unknown): Promise<T> {
    if (!this.thread?.alive) throw this.refusal ?? new Error('there is no journal thread now');
    return this.thread.call<T>(type, body);
  }

  /** Tries whether the disk takes writes. @throws why it does not */
  probe(): Promise<void> {
    return this.thread?.alive ? this.thread.call('probe', undefined) : Promise.resolve();
  }

  /**
   * Lets the thread end once all that was sent to it is on disk; what still waits for one has been answered before.
   * @returns the last checkpoint, if there was anything to sign
   */
  async close(): Promise<Checkpoint | null> {
    this.closing = true;
    clearTimeout(this.timer);
    await this.starting;
    return ((await this.thread?.close()) ?? null) as Checkpoint | null;
  }

  private begin(again: boolean): Promise<Thread> {
    const data: JournalThreadData = { dataDir: this.settings.dataDir, again };
    return Thread.start('journal', this.entry, data);
  }

  private take(thread: Thread): void {
    this.thread = thread;
    this.refusal = undefined;
    this.failures = 0;
    thread.onDeath = (error): void => {
      this.events.down(error);
      // Until it has ended it still holds the lock on the data folder.
      void thread.gone.then(() => this.replace(error));
    };
    // Maybe it died before anybody listened.
    if (!thread.alive) return void thread.gone.then(() => this.replace(new Error('it died as it began')));
    for (const { batch, answer } of this.held.splice(0)) this.commit(batch, answer);
  }

  private replace(error: Error): void {
    const wait = this.restarts.died();
    if (wait !== null) return this.later(wait);
    this.lost = true;
    this.refuse(givenUp('journal', error.message));
  }

  private later(wait: number): void {
    if (this.closing) return;
    this.timer = setTimeout(() => {
      this.starting = this.again();
    }, wait);
  }

  private async again(): Promise<void> {
    try {
      this.take(await this.begin(true));
      this.events.up();
    } catch (error) {
      this.refuse(error as Error);
      this.later(Math.min(FIRST_WAIT_MS * 2 ** ++this.failures, LONGEST_WAIT_MS));
    }
  }

  private refuse(error: Error): void {
    this.refusal = error;
    this.events.down(error);
    for (const { answer } of this.held.splice(0)) answer(error);
  }
}
