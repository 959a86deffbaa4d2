import type { Delays, Json } from './messages.js';

/** Delays below this are counted to the millisecond. */
const EXACT = 256;
/** Bins of each doubling beyond it: a bin is at most 1/128 of its delay wide. */
const BINS = 128;

/** How far events come behind the newest of their source: counts in bins that are at most 0.8 % wide. */
export class DelayCounts {
  private readonly counts = new Map<number, number>();
  private events = 0;
  private max = 0;

  /** @param delay whole milliseconds */
  add(delay: number): void {
    const bin = binOf(delay);
    this.counts.set(bin, (this.counts.get(bin) ?? 0) + 1);
    this.events++;
    if (delay > this.max) this.max = delay;
  }

  /** Null before the first event. */
  view(): Delays | null {
    if (this.events === 0) return null;
    const [p50, p95, p99, p999] = this.covering([0.5, 0.95, 0.99, 0.999]) as [number, number, number, number];
    return { p50, p95, p99, p999, max: this.max };
  }

  /** For each share, in ascending order, the smallest delay, rounded up to its bin, that so many events did not exceed. */
  covering(shares: readonly number[]): number[] {
    const bins = [...this.counts.keys()].sort((a, b) => a - b);
    let seen = 0;
    let at = -1;
    return shares.map((share) => {
      const wanted = Math.ceil(share * this.events - 1e-9);
      while (seen < wanted && at < bins.length - 1) seen += this.counts.get(bins[++at] as number) as number;
      return at < 0 ? 0 : Math.min(this.max, topOf(bins[at] as number));
    });
  }

  encode(): Json {
    return [this.max, ...[...this.counts.entries()].flat()];
  }

  static decode(encoded: Json): DelayCounts {
    const [max = 0, ...pairs] = encoded as number[];
    const delays = new DelayCounts();
    delays.max = max;
    for (let i = 0; i < pairs.length; i += 2) {
      delays.counts.set(pairs[i] as number, pairs[i + 1] as number);
      delays.events += pairs[i + 1] as number;
    }
    return delays;
  }
}

function binOf(delay: number): number {
  if (delay < EXACT) return delay;
  const doubling = Math.floor(Math.log2(delay)) - 8;
  return EXACT + doubling * BINS + Math.floor(delay / 2 ** (doubling + 1)) - BINS;
}

/** The greatest delay of a bin. */
function topOf(bin: number): number {
  if (bin < EXACT) return bin;
  const doubling = Math.floor((bin - EXACT) / BINS);
  const within = (bin - EXACT) % BINS;
  return (within + BINS + 1) * 2 ** (doubling + 1) - 1;
}
