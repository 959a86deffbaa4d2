import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Batcher, type Answer } from '../batching/batcher.js';
import { Lanes } from '../batching/lanes.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../threads/entries.js';
import { tellCheckpoint } from './checkpoint-log.js';
import { JournalThread } from './journal-thread.js';
import { JournalFigures } from './journal-figures.js';
import type { CommitReply, EntryAnswer, JournalEntry } from './messages.js';

/** Most bytes of entries in one transaction: keeps a commit, and so the wait behind it, short. */
const MAX_COMMIT_BYTES = 4 * 2 ** 20;

export interface JournalState {
  writable: boolean;
  reason?: string;
  /** The thread died, and another is not there yet. */
  restarting: boolean;
  /** It died so often that no other is started. */
  givenUp: boolean;
}

/** Everything that must be on disk goes through here; the thread behind it owns the only writing connection, and is replaced if it dies. */
@Injectable()
export class JournalService implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('Journal');
  private readonly batcher: Batcher<JournalEntry, EntryAnswer>;
  private readonly thread: JournalThread;
  private readonly starting: Promise<void>;
  readonly figures = new JournalFigures();
  private opened = false;
  private fault: string | undefined;

  constructor(@Inject(SETTINGS) settings: Settings, @Inject(THREAD_ENTRIES) entries: ThreadEntries) {
    this.thread = new JournalThread(entries.journal, settings, {
      down: (error) => this.notice(error),
      up: () => this.notice(null),
    });
    this.starting = this.thread.open();
    this.starting.catch(() => undefined); // told by onModuleInit
    this.batcher = new Batcher(
      { maxBatch: MAX_COMMIT_BYTES, maxWaiting: settings.auditBuffer },
      (batch, _lane, settle) => {
        if (!this.opened) return settle(new Error('the journal is not open'));
        this.figures.handedOver(batch.length);
        this.thread.commit(batch, (error, body) => {
          this.notice(error);
          if (error) {
            this.figures.notWritten();
            return settle(error);
          }
          const { answers, seq, ms } = body as CommitReply;
          this.figures.written(seq, ms);
          settle(null, answers ?? new Array<null>(batch.length).fill(null));
        });
      },
      new Lanes(1, setImmediate),
    );
  }

  async onModuleInit(): Promise<void> {
    await this.starting;
    this.opened = true;
    // Nobody waits for it: it is only to be shown.
    this.ask<number>('tip').then(
      (seq) => (this.figures.seq ??= seq),
      () => undefined,
    );
  }

  /**
   * Puts an entry on record and answers once it is on disk, with what its applier says of it. `bytes` is its approximate size.
   * @returns false, and never answers, when too much waits for the disk already
   */
  append(
    kind: string,
    payload: unknown,
    bytes: number,
    answer: (error: Error | null, result?: unknown) => void,
  ): boolean {
    const onDisk: Answer<EntryAnswer> = (error, entry) => {
      if (error) answer(error);
      else if (!entry) answer(null);
      else if ('refused' in entry) answer(new Error(entry.refused));
      else answer(null, entry.result);
    };
    if (this.batcher.waiting === 0) this.figures.waits(performance.now());
    return this.batcher.offer([kind, payload], bytes, onDisk);
  }

  /** Has the journal thread do something between two commits. @throws Error when it fails, or there is no thread */
  ask<T>(type: string, body?: unknown): Promise<T> {
    return this.thread.ask<T>(type, body);
  }

  /** Whether only a restart of the server helps, since the thread died again and again. */
  get givenUp(): boolean {
    return this.thread.givenUp;
  }

  /** Called when the disk takes writes again. */
  onRecovery: (() => void) | undefined;

  /** Bytes of entries that wait for the disk. */
  get waiting(): number {
    return this.batcher.waiting;
  }

  /** Milliseconds for which the oldest entry waits that is not on disk. */
  get lag(): number {
    return this.figures.lag(performance.now(), this.waiting > 0);
  }

  /** Why the last commit, or the last try of one, failed; null when it did not. */
  get lastFault(): string | null {
    return this.fault ?? null;
  }

  /** Whether the disk takes writes: after a failed commit this tries again. */
  async check(): Promise<JournalState> {
    if (this.fault && this.thread.alive) {
      await this.thread.probe().then(
        () => this.notice(null),
        (error: unknown) => this.notice(error as Error),
      );
    }
    return {
      writable: this.opened && this.thread.alive && !this.fault,
      reason: this.fault,
      restarting: this.opened && !this.thread.alive && !this.thread.givenUp,
      givenUp: this.thread.givenUp,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flushed();
    tellCheckpoint(this.log, await this.thread.close());
  }

  private notice(error: Error | null): void {
    const fault = error?.message;
    if (fault === this.fault) return;
    this.fault = fault;
    if (fault) this.log.error({ msg: 'the journal cannot write', reason: fault });
    else {
      this.log.log('the journal writes again');
      this.onRecovery?.();
    }
  }

  private async flushed(): Promise<void> {
    // Ends: what waits is sent, or refused once no other thread can be started in place of one that died.
    while (this.opened && (this.batcher.waiting > 0 || this.thread.holding > 0))
      await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
