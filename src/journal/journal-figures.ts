import { Histogram, LATENCY_BOUNDS, SIZE_BOUNDS } from '../histogram.js';

/** What the journal has done since the start, and how far it is behind. */
export class JournalFigures {
  /** Seconds that commits took, as the thread says. */
  readonly commits = new Histogram(LATENCY_BOUNDS);
  /** Entries in one commit. */
  readonly entries = new Histogram(SIZE_BOUNDS);
  /** Commits that did not come about. */
  failed = 0;
  /** The last `seq` that is known to be on record; null before the first that is known of. */
  seq: number | null = null;
  /** When the first came of those that wait, and of those that are being written. */
  private waitingSince = 0;
  private writingSince: number | null = null;

  /** The first came of those that wait. @param now on the monotonic clock */
  waits(now: number): void {
    this.waitingSince = now;
  }

  /** What waited is handed to the thread. */
  handedOver(entries: number): void {
    this.entries.add(entries);
    this.writingSince = this.waitingSince;
  }

  /** @param seq the last on record @param ms that the commit took */
  written(seq: number, ms: number): void {
    this.writingSince = null;
    this.commits.add(ms / 1000);
    this.seq = seq;
  }

  notWritten(): void {
    this.writingSince = null;
    this.failed++;
  }

  /**
   * Milliseconds for which the oldest entry waits that is not on disk; 0 when none does.
   * @param waiting whether any waits for the thread
   */
  lag(now: number, waiting: boolean): number {
    if (this.writingSince !== null) return now - this.writingSince;
    return waiting ? now - this.waitingSince : 0;
  }
}
