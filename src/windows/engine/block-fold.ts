import type { Fold, Kit } from './aggregates/kit.js';
import { below } from './grid.js';
import type { Slices } from './slices.js';

/** What is kept of one key's slices, so that the next window costs little. Can be thrown away at any time. */
export interface FoldCache {
  /** Start of the block whose suffixes are there; NaN: none. */
  suffixBlock: number;
  /** For each slice of the block, in order of time: its start, and the fold from it to the end of the block. */
  suffixes: { start: number; fold: Fold }[];
  /** Start of the block whose prefix is there; NaN: none. */
  prefixBlock: number;
  /** Up to where. */
  prefixEnd: number;
  prefix: Fold | null;
}

export function freshCache(): FoldCache {
  return { suffixBlock: NaN, suffixes: [], prefixBlock: NaN, prefixEnd: NaN, prefix: null };
}

/**
 * Folds runs of slices in constant time a window, however many slices it has: time is cut into blocks as long as a window, so that a
 * window is the suffix of one block and the prefix of the next, and both are there already (van Herk 1992, Gil and Werman 1993).
 * Law: a fold depends on the slices alone, never on which windows were asked for before.
 */
export class BlockFold {
  /**
   * @param length of a block: no window is longer, and none lies inside a block unless it begins with it
   * @param offset of the blocks
   */
  constructor(
    private readonly kit: Kit,
    private readonly length: number,
    private readonly offset: number,
  ) {}

  /** The fold of the slices that start in `[start, end)`. It may be shared: it must not be changed. */
  of(slices: Slices, cache: FoldCache, start: number, end: number): Fold {
    const block = below(start, this.length, this.offset);
    if (start === block) return this.prefix(slices, cache, block, end);
    const suffix = this.suffix(slices, cache, block, start);
    const fold = suffix ? this.kit.copy(suffix) : this.kit.empty();
    const { lanes, cells } = this.prefix(slices, cache, block + this.length, end);
    this.kit.merge(fold, lanes, 0, cells);
    return fold;
  }

  /** A slice was changed: what was folded of it is no longer so. */
  changed(cache: FoldCache, start: number): void {
    if (start >= cache.suffixBlock && start < cache.suffixBlock + this.length) cache.suffixBlock = NaN;
    if (start >= cache.prefixBlock && start < cache.prefixEnd) cache.prefixBlock = NaN;
  }

  private prefix(slices: Slices, cache: FoldCache, block: number, end: number): Fold {
    if (cache.prefixBlock !== block || cache.prefixEnd > end || !cache.prefix) {
      cache.prefixBlock = cache.prefixEnd = block;
      cache.prefix = this.kit.empty();
    }
    slices.mergeInto(cache.prefix, slices.firstFrom(cache.prefixEnd), end);
    cache.prefixEnd = end;
    return cache.prefix;
  }

  private suffix(slices: Slices, cache: FoldCache, block: number, start: number): Fold | null {
    if (cache.suffixBlock !== block) this.buildSuffixes(slices, cache, block);
    const { suffixes } = cache;
    let low = 0;
    let high = suffixes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((suffixes[middle] as { start: number }).start < start) low = middle + 1;
      else high = middle;
    }
    return suffixes[low]?.fold ?? null;
  }

  private buildSuffixes(slices: Slices, cache: FoldCache, block: number): void {
    const first = slices.firstFrom(block);
    const suffixes: FoldCache['suffixes'] = [];
    let after: Fold | null = null;
    for (let at = slices.firstFrom(block + this.length) - 1; at >= first; at--) {
      const fold = this.kit.empty();
      this.kit.merge(fold, slices.rows, slices.lanes(at), slices.cellsOf(at));
      if (after) this.kit.merge(fold, after.lanes, 0, after.cells);
      suffixes.push({ start: slices.start(at), fold });
      after = fold;
    }
    cache.suffixBlock = block;
    cache.suffixes = suffixes.reverse();
  }
}
