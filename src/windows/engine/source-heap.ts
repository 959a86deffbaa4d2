export interface Source {
  readonly name: string | null;
  /** −∞ until it has said something of its time. */
  watermark: number;
  maxEventTime: number | null;
  lastReceived: number;
  idle: boolean;
  /** Where it is in the heap; -1: nowhere. */
  place: number;
}

/** Sources by their watermark, the least first: a binary heap in which each source knows its place, since clocks only rise. */
export class SourceHeap {
  private readonly heap: Source[] = [];

  get least(): Source | undefined {
    return this.heap[0];
  }

  add(source: Source): void {
    this.put(this.heap.length, source);
    this.rise(source);
  }

  /** The watermark of a source has risen. */
  raised(source: Source): void {
    this.sink(source);
  }

  remove(source: Source): void {
    const last = this.heap.pop() as Source;
    const { place } = source;
    source.place = -1;
    if (last === source) return;
    this.put(place, last);
    this.rise(last);
    this.sink(last);
  }

  private put(place: number, source: Source): void {
    this.heap[place] = source;
    source.place = place;
  }

  private rise(source: Source): void {
    while (source.place > 0) {
      const parent = this.heap[(source.place - 1) >> 1] as Source;
      if (parent.watermark <= source.watermark) return;
      this.swap(parent, source);
    }
  }

  private sink(source: Source): void {
    for (;;) {
      const left = this.heap[2 * source.place + 1];
      const right = this.heap[2 * source.place + 2];
      const child = right && left && right.watermark < left.watermark ? right : left;
      if (!child || child.watermark >= source.watermark) return;
      this.swap(source, child);
    }
  }

  /** Lets `below` go up into the place of `above`. */
  private swap(above: Source, below: Source): void {
    const { place } = above;
    const lower = below.place;
    this.put(place, below);
    this.put(lower, above);
  }
}
