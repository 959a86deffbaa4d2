/** Share of the newest batch in the running mean. */
const WEIGHT = 0.2;

/** Rows a second that a model gets through, as a running mean over its batches; what a wait will take follows from it. */
export class Rate {
  private perMs: number | undefined;

  /** Tells of a batch: its rows, and the milliseconds from its start to its end. */
  note(rows: number, elapsed: number): void {
    const now = rows / Math.max(elapsed, 0.01);
    this.perMs = this.perMs === undefined ? now : this.perMs + WEIGHT * (now - this.perMs);
  }

  /** Milliseconds until `rows` rows are through; 0 while nothing is known. */
  wait(rows: number): number {
    return this.perMs === undefined ? 0 : rows / this.perMs;
  }
}
