import { Readable } from 'node:stream';
import { OrielError } from '../../errors.js';
import { frame } from '../queries/emissions.js';
import { shownWatermark } from '../shown.js';
import type { LiveFeed, Moment } from './live-feed.js';

/** Milliseconds after which a client that lost its connection comes back (`retry`). */
const RETRY = 1000;

/**
 * What one live reader is sent: server-sent events. It is a place in what the stream said, from which it reads page after page, each
 * only when the client took what came before: for a slow one no more than a page waits.
 */
export class LiveStream extends Readable {
  private wanting = false;
  private fetching = false;
  private begun = false;
  private over = false;
  private told: number | undefined;
  private stalled: NodeJS.Timeout | undefined;

  /**
   * @param window see `EmissionsQuery`
   * @param cursor the last emission that the reader knows
   * @param patience milliseconds that a client may take nothing of what waits for it
   */
  constructor(
    private readonly feed: LiveFeed,
    private readonly window: string | null,
    private cursor: number,
    private readonly patience: number,
  ) {
    super({ highWaterMark: 1 });
  }

  override _read(): void {
    clearTimeout(this.stalled);
    this.wanting = true;
    if (!this.begun) {
      this.begun = true;
      this.give(`retry: ${RETRY}\n\n`);
    } else this.advance();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.stalled);
    done(error);
  }

  /** Sends what there is now, if the client takes it. */
  advance(): void {
    const moment = this.feed.now;
    if (!this.wanting || this.fetching || !moment) return;
    if (this.cursor < moment.head) this.fetch(moment);
    else if (this.told !== moment.watermark) {
      this.told = moment.watermark;
      const clock = { stream: this.feed.name, watermark: shownWatermark(moment.watermark) };
      this.give(frame('clock', clock));
    }
  }

  /** A comment, for whoever closes connections on which nothing happens. */
  beat(): void {
    if (this.wanting && !this.fetching) this.give(': \n\n');
  }

  /** Nothing comes any more. A client that does not take what it was sent is not waited for. */
  end(): void {
    if (this.over) return;
    this.over = true;
    if (this.wanting) this.push(null);
    else this.destroy();
  }

  private fetch(moment: Moment): void {
    this.fetching = true;
    this.feed.page(this.window, this.cursor, moment).then(
      ({ text, lookedAt }) => {
        this.fetching = false;
        this.cursor = lookedAt;
        if (text !== '') this.give(text);
        this.advance();
      },
      (error: unknown) => {
        this.fetching = false;
        if (isBusy(error)) return; // the next look tries again
        this.destroy(error as Error);
      },
    );
  }

  private give(text: string): void {
    if (this.destroyed || this.over) return;
    this.wanting = false;
    this.push(text);
    this.stalled = setTimeout(() => {
      this.destroy(
        new OrielError('requestTimeout', 'client-stalled', 'The client takes nothing of its events.'),
      );
    }, this.patience).unref();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof OrielError && error.kind === 'unavailable';
}
