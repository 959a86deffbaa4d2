import type { Cell } from './aggregates/cells.js';
import type { Fold, Kit } from './aggregates/kit.js';
import type { Json } from './messages.js';

/**
 * The slices of one key that hold events, by their start: for each, one row of numbers, its start and then the numbers of its fold.
 * One flat array, since a million keys have one each and a window is a run of it.
 */
export class Slices {
  rows: number[] = [];
  /** How many there are. */
  count = 0;
  private readonly cells: (Cell[] | null)[] | null;
  /** Numbers in a row. */
  private readonly step: number;

  constructor(private readonly kit: Kit) {
    this.cells = kit.freshCells() && [];
    this.step = kit.width + 1;
  }

  /** Start of a slice, by its index. */
  start(index: number): number {
    return this.rows[index * this.step] as number;
  }

  /** Events in a slice, by its index. */
  events(index: number): number {
    return this.rows[index * this.step + 1] as number;
  }

  /** Index of the first slice that starts at or after `time`; `count` where there is none. */
  firstFrom(time: number): number {
    let low = 0;
    let high = this.count;
    if (high === 0 || this.start(high - 1) < time) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.start(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether there is a slice that starts at `start`. */
  has(start: number): boolean {
    const index = this.firstFrom(start);
    return index < this.count && this.start(index) === start;
  }

  /** The index of the slice that starts at `start`, made if there is none. Newest slices are found first. */
  at(start: number): number {
    const last = this.count - 1;
    if (last >= 0 && this.start(last) === start) return last;
    const index = this.firstFrom(start);
    if (index > last || this.start(index) !== start) this.insert(index, start);
    return index;
  }

  /** Where the numbers of a slice's fold begin in `rows`. */
  lanes(index: number): number {
    return index * this.step + 1;
  }

  cellsOf(index: number): Cell[] | null {
    return this.cells && (this.cells[index] as Cell[] | null);
  }

  /** Drops the slices before `index`. */
  drop(index: number): void {
    this.rows.splice(0, index * this.step);
    this.cells?.splice(0, index);
    this.count -= index;
  }

  /** Merges the slices from `index` on that start before `end` into a fold. @returns the index of the first that does not */
  mergeInto(fold: Fold, index: number, end: number): number {
    const { count } = this;
    let at = index;
    for (; at < count && this.start(at) < end; at++)
      this.kit.merge(fold, this.rows, this.lanes(at), this.cellsOf(at));
    return at;
  }

  /** Events in the slices that start in `[from, to)`. */
  eventsBetween(from: number, to: number): number {
    let events = 0;
    for (let at = this.firstFrom(from); at < this.count && this.start(at) < to; at++)
      events += this.events(at);
    return events;
  }

  encode(): Json {
    const cells = this.cells && this.cells.map((one) => this.kit.encodeCells(one));
    return [this.rows.map(encodeNumber), cells];
  }

  static decode(kit: Kit, encoded: Json): Slices {
    const [rows, cells] = encoded as [Json[], Json[] | null];
    const slices = new Slices(kit);
    slices.rows = rows.every((one) => typeof one === 'number') ? rows : rows.map(decodeNumber);
    slices.count = slices.rows.length / slices.step;
    if (cells) for (const one of cells) slices.cells?.push(kit.decodeCells(one));
    return slices;
  }

  private insert(index: number, start: number): void {
    const fresh = this.kit.freshLanes;
    if (this.count === 0) {
      // The one slice that most keys have takes no more room than it needs.
      this.rows = this.kit.freshRow.slice();
      this.rows[0] = start;
    } else if (index === this.count) {
      this.rows.push(start);
      for (const lane of fresh) this.rows.push(lane);
    } else this.rows.splice(index * this.step, 0, start, ...fresh);
    this.cells?.splice(index, 0, this.kit.freshCells());
    this.count++;
  }
}

/** JSON has no infinities. */
export function encodeNumber(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

export function decodeNumber(encoded: Json): number {
  return Number(encoded);
}
