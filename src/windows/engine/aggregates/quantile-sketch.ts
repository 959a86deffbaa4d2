import type { Json } from '../messages.js';

/** Largest relative error of a quantile. */
export const QUANTILE_ERROR = 0.01;
/** Most bins of one sign; beyond it the bins nearest to zero become one, and only quantiles in it lose their accuracy. */
const MAX_BINS = 4096;

const GAMMA = (1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);

/**
 * Counts values in bins whose bounds grow by a fixed ratio, so that every quantile is within `QUANTILE_ERROR` of a value that has
 * its rank: DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees",
 * VLDB 2019). Merging is adding counts, so neither the order of values nor the way they were cut changes anything.
 */
export class QuantileSketch {
  private readonly positive = new Map<number, number>();
  private readonly negative = new Map<number, number>();
  private zeros = 0;
  private count = 0;

  add(value: number): void {
    this.count++;
    if (value > 0) count(this.positive, binOf(value), 1);
    else if (value < 0) count(this.negative, binOf(-value), 1);
    else this.zeros++;
  }

  merge(other: QuantileSketch): void {
    this.count += other.count;
    this.zeros += other.zeros;
    for (const [bin, more] of other.positive) count(this.positive, bin, more);
    for (const [bin, more] of other.negative) count(this.negative, bin, more);
  }

  /** The value of rank ⌊q · (n − 1)⌋, counted from 0 in ascending order; null when there are none. */
  quantile(q: number): number | null {
    if (this.count === 0) return null;
    let rank = Math.floor(q * (this.count - 1));
    for (const bin of bins(this.negative).reverse()) {
      rank -= this.negative.get(bin) as number;
      if (rank < 0) return -valueOf(bin);
    }
    rank -= this.zeros;
    if (rank < 0) return 0;
    for (const bin of bins(this.positive)) {
      rank -= this.positive.get(bin) as number;
      if (rank < 0) return valueOf(bin);
    }
    return null;
  }

  encode(): Json {
    return [this.zeros, flat(this.positive), flat(this.negative)];
  }

  static decode(encoded: Json): QuantileSketch {
    const [zeros, positive, negative] = encoded as [number, number[], number[]];
    const sketch = new QuantileSketch();
    sketch.zeros = sketch.count = zeros;
    for (const [counts, pairs] of [
      [sketch.positive, positive],
      [sketch.negative, negative],
    ] as const)
      for (let i = 0; i < pairs.length; i += 2) {
        counts.set(pairs[i] as number, pairs[i + 1] as number);
        sketch.count += pairs[i + 1] as number;
      }
    return sketch;
  }
}

function binOf(size: number): number {
  return Math.ceil(Math.log(size) / LOG_GAMMA);
}

function valueOf(bin: number): number {
  return Math.exp(bin * LOG_GAMMA) * (2 / (1 + GAMMA));
}

function count(counts: Map<number, number>, bin: number, more: number): void {
  const before = counts.get(bin);
  counts.set(bin, (before ?? 0) + more);
  if (before === undefined && counts.size > MAX_BINS) collapse(counts);
}

function collapse(counts: Map<number, number>): void {
  const [lowest, next] = bins(counts) as [number, number];
  counts.set(next, (counts.get(next) as number) + (counts.get(lowest) as number));
  counts.delete(lowest);
}

function bins(counts: ReadonlyMap<number, number>): number[] {
  return [...counts.keys()].sort((a, b) => a - b);
}

function flat(counts: ReadonlyMap<number, number>): number[] {
  return bins(counts).flatMap((bin) => [bin, counts.get(bin) as number]);
}
