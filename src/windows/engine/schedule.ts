/**
 * Things that have something to do at a time of the stream's own clock. Those of one time come together, in the order in which they
 * were put there; a thing that was put elsewhere meanwhile comes all the same, and its owner looks whether it still has to do then.
 */
export class Schedule<T> {
  private readonly heap: number[] = [];
  private readonly things = new Map<number, T[]>();

  put(time: number, thing: T): void {
    const there = this.things.get(time);
    if (there) there.push(thing);
    else {
      this.things.set(time, [thing]);
      this.rise(time);
    }
  }

  /** The earliest time; ∞ when there is none. */
  get next(): number {
    return this.heap.length > 0 ? (this.heap[0] as number) : Infinity;
  }

  /** Takes all things of the earliest time out. */
  take(): T[] {
    const time = this.heap[0] as number;
    const things = this.things.get(time) as T[];
    this.things.delete(time);
    const last = this.heap.pop() as number;
    if (this.heap.length > 0) this.sink(last);
    return things;
  }

  private rise(time: number): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(time);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= time) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = time;
  }

  private sink(time: number): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= time) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = time;
  }
}
