import type { Json } from '../messages.js';

/** A value with its place in the order of event time, then arrival. */
export interface Placed {
  time: number;
  arrival: number;
  value: Json;
}

/** Whether `a` comes before `b` by event time, then arrival. */
export function before(a: Placed, b: Placed): boolean {
  return a.time < b.time || (a.time === b.time && a.arrival < b.arrival);
}

/** The first or the last of some values. */
export class Extreme {
  held: Placed | null = null;

  constructor(private readonly which: 'first' | 'last') {}

  take(placed: Placed): void {
    const { held } = this;
    if (!held || (this.which === 'first' ? before(placed, held) : before(held, placed))) this.held = placed;
  }
}

/** Values in order; of more than `bound` the first ones stay, whatever order they come in. */
export class Collection {
  readonly placed: Placed[] = [];
  /** Whether any was left out. */
  truncated = false;

  constructor(private readonly bound: number) {}

  take(placed: Placed): void {
    let at = this.placed.length;
    while (at > 0 && before(placed, this.placed[at - 1] as Placed)) at--;
    if (at < this.bound) this.placed.splice(at, 0, placed);
    else this.truncated = true;
    if (this.placed.length > this.bound) {
      this.placed.pop();
      this.truncated = true;
    }
  }
}
