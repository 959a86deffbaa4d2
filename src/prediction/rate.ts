/** Share of the newest batch in the running means. */
const WEIGHT = 0.2;
/**
 * The same for a turn that was shorter than those before. A queue takes rows whenever the wait seems short for a moment, so
 * that a mean would promise too much to most of them.
 */
const WEIGHT_OF_SHORTER = 0.05;

/**
 * How fast a model gets through its queue. While rows wait, the time from the start of one batch to that of the next tells it,
 * with all that other models and other work take in between; before that, what a batch takes by itself. A full batch is taken
 * to cost no more than the batches so far, so the wait is rather told too short than too long while little is known.
 */
export class Rate {
  private runMs: number | undefined;
  private turnMs: number | undefined;
  private startedAt = -Infinity;
  private backlog = false;

  /**
   * @param maxBatch rows of a full batch
   * @param lanes batches that run at once
   */
  constructor(
    private readonly maxBatch: number,
    private readonly lanes = 1,
  ) {}

  /** Milliseconds that a batch takes; 0 while nothing is known. */
  get run(): number {
    return this.runMs ?? 0;
  }

  /** Tells that a batch starts, and whether rows still wait behind it. */
  started(now: number, backlog: boolean): void {
    if (this.backlog) {
      const turn = now - this.startedAt;
      this.turnMs = mean(this.turnMs, turn, turn < (this.turnMs ?? 0) ? WEIGHT_OF_SHORTER : WEIGHT);
    }
    if (!backlog) this.turnMs = undefined; // the next queue may be another story
    this.backlog = backlog;
    this.startedAt = now;
  }

  /** Tells that nothing waits any more, though no batch has started: the time until the next is nobody's turn. */
  emptied(): void {
    this.backlog = false;
    this.turnMs = undefined;
  }

  /** Tells of a batch: its rows, and the milliseconds from its start to its end. */
  note(rows: number, elapsed: number): void {
    this.runMs = mean(this.runMs, elapsed / Math.max(1, rows / this.maxBatch));
  }

  /** Milliseconds until the turn of a row that comes behind `rows` rows, while every lane is taken; 0 while nothing is known. */
  wait(rows: number, now: number): number {
    const turn = this.turnMs ?? this.run / this.lanes;
    const untilNext = Math.max(0, turn - (now - this.startedAt));
    return untilNext + turn * Math.floor(rows / this.maxBatch);
  }
}

function mean(before: number | undefined, newest: number, weight = WEIGHT): number {
  return before === undefined ? newest : before + weight * (newest - before);
}
