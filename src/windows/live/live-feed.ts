import type { EmissionsPage, EmissionsQuery } from '../queries/messages.js';
import type { LiveStream } from './live-stream.js';

/** How often a stream that has readers is looked at although nobody said that there is news, in milliseconds. */
const LOOK_EVERY = 250;

/** Where a feed learns what a stream says. */
export interface FeedSource {
  name: string;
  /** Null: there is no such stream any more. */
  watermark(): Promise<number | null>;
  /** The newest emission; null: there is no such stream any more. */
  head(): Promise<number | null>;
  page(query: EmissionsQuery): Promise<EmissionsPage>;
}

/** What a stream had said when it was last looked at. */
export interface Moment {
  head: number;
  watermark: number;
}

/** Looks at one stream for all who read it, and gives readers that are at the same place the same page. */
export class LiveFeed {
  private readonly readers = new Set<LiveStream>();
  private readonly pages = new Map<string, Promise<EmissionsPage>>();
  private moment: Moment | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private again = false;
  private stopped = false;
  private failing = false;

  /** @param trouble told once when looking begins to fail; it goes on by itself */
  constructor(
    private readonly source: FeedSource,
    private readonly trouble: (error: unknown) => void,
  ) {}

  get name(): string {
    return this.source.name;
  }

  get size(): number {
    return this.readers.size;
  }

  /** What is known of the stream; undefined before the first look. */
  get now(): Moment | undefined {
    return this.moment;
  }

  join(reader: LiveStream): void {
    this.readers.add(reader);
    this.look();
  }

  leave(reader: LiveStream): void {
    this.readers.delete(reader);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Looks now, or once more after the look that is under way. */
  look(): void {
    this.again = true;
    if (this.looking || this.stopped) return;
    clearTimeout(this.timer);
    this.looking = true;
    void this.lookWhileAsked().finally(() => {
      this.looking = false;
      if (!this.stopped) this.timer = setTimeout(() => this.look(), LOOK_EVERY).unref();
    });
  }

  /** A page of what the stream said; asked for by several at once it is read once. */
  page(window: string | null, after: number, { head, watermark }: Moment): Promise<EmissionsPage> {
    const query: EmissionsQuery = { name: this.name, window, after, upTo: head, watermark };
    const id = JSON.stringify([window, after, head, String(watermark)]);
    const asked = this.pages.get(id) ?? this.source.page(query).finally(() => this.pages.delete(id));
    this.pages.set(id, asked);
    return asked;
  }

  private async lookWhileAsked(): Promise<void> {
    while (this.takeAgain() && !this.stopped) {
      try {
        const watermark = await this.source.watermark();
        const head = await this.source.head();
        this.failing = false;
        if (head === null || watermark === null) {
          this.over();
          return;
        }
        this.moment = { head, watermark };
        for (const reader of this.readers) reader.advance();
      } catch (error) {
        if (!this.failing) this.trouble(error);
        this.failing = true;
      }
    }
  }

  private takeAgain(): boolean {
    const { again } = this;
    this.again = false;
    return again;
  }

  /** The stream is gone. */
  private over(): void {
    for (const reader of this.readers) reader.end();
  }
}
