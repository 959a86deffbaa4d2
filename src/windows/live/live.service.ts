import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { ReadersService } from '../../database/readers.service.js';
import { OrielError } from '../../errors.js';
import { JournalCalls } from '../journal-calls.service.js';
import { READ_EMISSIONS, READ_HEAD, STREAM_OPEN, type StreamOpen } from '../messages.js';
import type { EmissionsPage, EmissionsQuery } from '../queries/messages.js';
import { LiveFeed, type FeedSource } from './live-feed.js';
import { LiveStream } from './live-stream.js';

/** How often a connection on which nothing happens is told that it lives, in milliseconds. */
const HEARTBEAT = 15_000;

/** The readers of live windows: one feed for each stream that has any. */
@Injectable()
export class LiveService implements OnModuleDestroy {
  private readonly log = new Logger('Live');
  private readonly feeds = new Map<string, LiveFeed>();
  private readonly open = new Set<LiveStream>();
  /** How many of them each caller has. */
  private readonly byCaller = new Map<string, number>();
  private heartbeat: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly journal: JournalCalls,
    private readonly readers: ReadersService,
  ) {}

  /** Answers under way would keep the server from closing. */
  onModuleDestroy(): void {
    this.stopped = true;
    clearInterval(this.heartbeat);
    for (const stream of this.open) stream.end();
    for (const feed of this.feeds.values()) feed.stop();
  }

  /** How many read now. */
  get count(): number {
    return this.open.size;
  }

  /** Something may have come to a stream. */
  news(name: string): void {
    this.feeds.get(name)?.look();
  }

  /**
   * @param window only what is of this window definition; null: all
   * @param after the last emission that the reader knows; undefined: it begins with what comes next
   * @param caller whoever reads: a principal, or an address
   * @throws OrielError `live-full`, `shutting-down` (503), `too-many-live` (429); those of the readers
   */
  async read(
    name: string,
    window: string | null,
    after: number | undefined,
    caller: string,
  ): Promise<LiveStream> {
    this.checkRoom(caller);
    const head = (await this.readers.query<number | null>(READ_HEAD, name)) ?? 0;
    this.checkRoom(caller);
    // What is beyond the newest emission is of a stream that is gone: all that its successor said is news.
    const cursor = after === undefined ? head : after > head ? 0 : after;
    const feed = this.feedOf(name);
    const stream = new LiveStream(feed, window, cursor, this.settings.requestTimeout);
    this.open.add(stream);
    this.byCaller.set(caller, (this.byCaller.get(caller) ?? 0) + 1);
    stream.once('close', () => {
      this.open.delete(stream);
      this.forget(caller);
      feed.leave(stream);
      if (feed.size > 0) return;
      feed.stop();
      if (this.feeds.get(name) === feed) this.feeds.delete(name);
    });
    feed.join(stream);
    this.heartbeat ??= setInterval(() => this.beat(), HEARTBEAT).unref();
    return stream;
  }

  private feedOf(name: string): LiveFeed {
    const known = this.feeds.get(name);
    if (known) return known;
    const feed = new LiveFeed(this.sourceOf(name), (error) =>
      this.log.warn({ msg: 'a stream cannot be followed now', stream: name, err: error }),
    );
    this.feeds.set(name, feed);
    return feed;
  }

  private sourceOf(name: string): FeedSource {
    return {
      name,
      // The watermark first: what is told then is never ahead of the results that it made.
      watermark: async () =>
        (await this.journal.ask<StreamOpen | null>(STREAM_OPEN, { name, query: { window: '', limit: 0 } }))
          ?.watermark ?? null,
      head: () => this.readers.query<number | null>(READ_HEAD, name),
      page: (query: EmissionsQuery) => this.readers.query<EmissionsPage>(READ_EMISSIONS, query),
    };
  }

  private beat(): void {
    for (const stream of this.open) stream.beat();
  }

  private forget(caller: string): void {
    const left = (this.byCaller.get(caller) ?? 1) - 1;
    if (left > 0) this.byCaller.set(caller, left);
    else this.byCaller.delete(caller);
  }

  private checkRoom(caller: string): void {
    if (this.stopped) throw new OrielError('unavailable', 'shutting-down', 'The server is on its way out.');
    const { liveReaders, liveReadersEach } = this.settings;
    if ((this.byCaller.get(caller) ?? 0) >= liveReadersEach) {
      const detail = `You have ${liveReadersEach} readers of live windows already (ORIEL_LIVE_READERS_EACH).`;
      throw new OrielError('tooMany', 'too-many-live', detail, { retryAfter: 5 });
    }
    if (this.open.size < liveReaders) return;
    const detail = 'There are as many readers of live windows as may be at once (ORIEL_LIVE_READERS).';
    throw new OrielError('unavailable', 'live-full', detail, { retryAfter: 5 });
  }
}
