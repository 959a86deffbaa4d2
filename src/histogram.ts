/** Seconds: half a millisecond to ten seconds, for anything that a caller waits for. */
export const LATENCY_BOUNDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** How many at once: powers of two, for batches and commits. */
export const SIZE_BOUNDS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

/**
 * Counts of values by size. To add one costs nanoseconds and allocates nothing, so it may be done for each request; whoever wants
 * to show it reads the counts.
 */
export class Histogram {
  /** How many values were at most `bounds[i]` and above `bounds[i - 1]`; the last: above all bounds. */
  readonly counts: Float64Array;
  sum = 0;

  /** @param bounds ascending */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** @param times how often the value came */
  add(value: number, times = 1): void {
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at++;
    this.counts[at] = (this.counts[at] as number) + times;
    this.sum += value * times;
  }

  get count(): number {
    let count = 0;
    for (const one of this.counts) count += one;
    return count;
  }
}
