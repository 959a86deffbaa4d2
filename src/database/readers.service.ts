import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../threads/entries.js';
import { givenUp, Restarts } from '../threads/restarts.js';
import { Thread } from '../threads/thread.js';
import { readersDown } from './readers-down.js';
import type { ReaderThreadData } from './messages.js';

interface Waiting {
  name: string;
  body: unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * The threads that answer queries, each one query at a time; the rest wait in one bounded queue. A thread starts when there
 * is a query and none is free, so a server that is never asked has none, and one that died is replaced by the next query, unless too many
 * died within a minute.
 */
@Injectable()
export class ReadersService implements OnApplicationShutdown {
  private readonly log = new Logger('Readers');
  private readonly idle: Thread[] = [];
  private readonly threads = new Set<Thread>();
  private readonly queue: Waiting[] = [];
  private readonly restarts: Restarts;
  private lastDeath = '';
  private starting = 0;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(THREAD_ENTRIES) private readonly entries: ThreadEntries,
  ) {
    this.restarts = new Restarts(settings.threadRestarts);
  }

  /** Whether so many threads died lately that queries are refused for a while. */
  get exhausted(): boolean {
    return this.restarts.exhausted;
  }

  /** Queries that wait for a thread. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Threads that answer a query now. */
  get busy(): number {
    return this.threads.size - this.idle.length;
  }

  /** Runs the query `name` in a reader thread. @throws OrielError `readers-busy`, `readers-down` (503) */
  query<T>(name: string, body: unknown): Promise<T> {
    if (this.queue.length >= this.settings.readerQueue) {
      return Promise.reject(
        new OrielError('unavailable', 'readers-busy', 'Too many queries wait for their turn.', {
          retryAfter: 1,
        }),
      );
    }
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ name, body, resolve: resolve as (value: unknown) => void, reject });
      this.next();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.threads].map((thread) => thread.close()));
  }

  private next(): void {
    while (this.queue.length > 0) {
      const thread = this.idle.pop();
      if (!thread) {
        if (this.threads.size + this.starting < this.settings.readerThreads) this.start();
        return;
      }
      this.ask(thread, this.queue.shift() as Waiting);
    }
  }

  private ask(thread: Thread, { name, body, resolve, reject }: Waiting): void {
    thread.send(name, body, (error, result) => {
      if (thread.alive) this.idle.push(thread);
      if (error) reject(error.died ? readersDown(error) : error);
      else resolve(result);
      this.next();
    });
  }

  private start(): void {
    this.starting++;
    this.startThread()
      .then(
        (thread) => {
          this.threads.add(thread);
          this.idle.push(thread);
          thread.onDeath = (error): void => {
            this.log.error({ msg: 'a reader thread died', err: error });
            this.restarts.died();
            this.lastDeath = error.message;
            this.forget(thread);
          };
        },
        (error: unknown) => {
          this.log.error({ msg: 'a reader thread could not start', err: error });
          if (this.threads.size === 0)
            for (const { reject } of this.queue.splice(0)) reject(readersDown(error));
        },
      )
      .finally(() => {
        this.starting--;
        this.next();
      })
      .catch((error: unknown) => this.log.error({ msg: 'a query could not be sent', err: error }));
  }

  private async startThread(): Promise<Thread> {
    if (this.restarts.exhausted) throw givenUp('reader', this.lastDeath);
    await pause(this.restarts.wait);
    const data: ReaderThreadData = { dataDir: this.settings.dataDir };
    return Thread.start(`reader-${this.threads.size + 1}`, this.entries.reader, data);
  }

  private forget(thread: Thread): void {
    this.threads.delete(thread);
    const at = this.idle.indexOf(thread);
    if (at >= 0) this.idle.splice(at, 1);
  }
}
