import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../threads/entries.js';
import { givenUp, Restarts } from '../threads/restarts.js';
import { Thread, ThreadError } from '../threads/thread.js';
import type { ReaderThreadData } from './messages.js';
import { readersDown } from './readers-down.js';

/** How long a thread without work is kept for the next, in milliseconds. */
const IDLE_MS = 30_000;
/** Memory of one thread's JavaScript: enough for a group of rows of any form, and collected often, so that an export stays small. */
const HEAP = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 256 };

/** A reader thread that works for one request only, until it is released. */
export interface Lease {
  /** @throws OrielError `readers-down` (503) */
  call<T>(name: string, body?: unknown): Promise<T>;
  release(): void;
}

/** Reader threads for what takes long, exports and verifications: a bounded number, so that they never keep short queries waiting. */
@Injectable()
export class LongReadsService implements OnApplicationShutdown {
  private readonly log = new Logger('LongReads');
  private readonly threads = new Set<Thread>();
  private readonly idle = new Map<Thread, NodeJS.Timeout>();
  private readonly restarts: Restarts;
  private lastDeath = '';
  /** Threads that work now. */
  private leases = 0;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(THREAD_ENTRIES) private readonly entries: ThreadEntries,
  ) {
    this.restarts = new Restarts(settings.threadRestarts);
  }

  /** Whether so many threads died lately that exports and verifications are refused for a while. */
  get exhausted(): boolean {
    return this.restarts.exhausted;
  }

  /** Exports, verifications and the like that are under way. */
  get active(): number {
    return this.leases;
  }

  /** @throws OrielError `exports-busy`, `readers-down` (503) */
  async lease(): Promise<Lease> {
    if (this.leases >= this.settings.exports) {
      const detail = 'As many exports and verifications as may be at once are under way.';
      throw new OrielError('unavailable', 'exports-busy', detail, { retryAfter: 5 });
    }
    this.leases++;
    try {
      const thread = this.waiting() ?? (await this.start());
      return this.leaseOf(thread);
    } catch (error) {
      this.leases--;
      throw readersDown(error);
    }
  }

  /** One long query, from its begin to its end. @throws OrielError `exports-busy`, `readers-down` (503) */
  async query<T>(name: string, body: unknown): Promise<T> {
    const lease = await this.lease();
    try {
      return await lease.call<T>(name, body);
    } finally {
      lease.release();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.idle.values()) clearTimeout(timer);
    await Promise.all([...this.threads].map((thread) => thread.close()));
  }

  private leaseOf(thread: Thread): Lease {
    let held = true;
    return {
      call: async (name, body): Promise<never> => {
        try {
          return await thread.call<never>(name, body);
        } catch (error) {
          throw error instanceof ThreadError && error.died ? readersDown(error) : error;
        }
      },
      release: (): void => {
        if (!held) return;
        held = false;
        this.leases--;
        if (thread.alive) this.rest(thread);
      },
    };
  }

  private waiting(): Thread | undefined {
    for (const [thread, timer] of this.idle) {
      clearTimeout(timer);
      this.idle.delete(thread);
      if (thread.alive) return thread;
    }
    return undefined;
  }

  private rest(thread: Thread): void {
    const end = (): void => {
      this.idle.delete(thread);
      this.threads.delete(thread);
      thread
        .close()
        .catch((error: unknown) => this.log.error({ msg: 'a reader thread did not end', err: error }));
    };
    this.idle.set(thread, setTimeout(end, IDLE_MS).unref());
  }

  private async start(): Promise<Thread> {
    if (this.restarts.exhausted) throw givenUp('long-reader', this.lastDeath);
    await pause(this.restarts.wait);
    const data: ReaderThreadData = { dataDir: this.settings.dataDir, long: true };
    const thread = await Thread.start('long-reader', this.entries.reader, data, HEAP);
    this.threads.add(thread);
    thread.onDeath = (error): void => {
      this.log.error({ msg: 'a reader thread died', err: error });
      this.restarts.died();
      this.lastDeath = error.message;
      this.threads.delete(thread);
      this.idle.delete(thread);
    };
    return thread;
  }
}
