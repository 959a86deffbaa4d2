import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../threads/entries.js';
import { Thread } from '../threads/thread.js';
import type { ReaderThreadData } from './messages.js';

interface Waiting {
  name: string;
  body: unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** The threads that answer queries, each one query at a time; the rest wait in one bounded queue. */
@Injectable()
export class ReadersService implements OnApplicationShutdown {
  private readonly idle: Thread[] = [];
  private readonly threads: Thread[] = [];
  private readonly queue: Waiting[] = [];
  private starting: Promise<void> | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(THREAD_ENTRIES) private readonly entries: ThreadEntries,
  ) {}

  /** Runs the query `name` in a reader thread. @throws OrielError `readers-busy` when too many wait already */
  async query<T>(name: string, body: unknown): Promise<T> {
    if (this.queue.length >= this.settings.readerQueue) {
      throw new OrielError('unavailable', 'readers-busy', 'Too many queries wait for their turn.', {
        retryAfter: 1,
      });
    }
    this.starting ??= this.start();
    await this.starting;
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ name, body, resolve: resolve as (value: unknown) => void, reject });
      this.next();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.starting?.catch(() => undefined);
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  /** The threads start with the first query: the file exists by then, and a server that is never asked saves them. */
  private async start(): Promise<void> {
    const data: ReaderThreadData = { dataDir: this.settings.dataDir };
    for (let n = 1; n <= this.settings.readerThreads; n++) {
      const thread = await Thread.start(`reader-${n}`, this.entries.reader, data);
      this.threads.push(thread);
      this.idle.push(thread);
    }
  }

  private next(): void {
    while (this.queue.length > 0) {
      const thread = this.idle.pop();
      if (!thread) return;
      const { name, body, resolve, reject } = this.queue.shift() as Waiting;
      thread.send(name, body, (error, result) => {
        this.idle.push(thread);
        if (error) reject(error);
        else resolve(result);
        this.next();
      });
    }
  }
}
