/** Share of the newest batch in the running mean. */
const WEIGHT = 0.2;

/**
 * How fast a model gets through its queue: the running mean of what a batch takes. A full batch is taken to cost no more than
 * the batches so far, so the wait is rather told too short than too long while little is known.
 */
export class Rate {
  private batchMs: number | undefined;

  /** @param fullBatch rows of a full batch */
  constructor(private readonly fullBatch: number) {}

  /** Tells of a batch: its rows, and the milliseconds from its start to its end. */
  note(rows: number, elapsed: number): void {
    const ms = elapsed / Math.max(1, rows / this.fullBatch);
    this.batchMs = this.batchMs === undefined ? ms : this.batchMs + WEIGHT * (ms - this.batchMs);
  }

  /** Milliseconds until `rows` rows are through; 0 while nothing is known. */
  wait(rows: number): number {
    return (this.batchMs ?? 0) * Math.max(1, rows / this.fullBatch);
  }
}
