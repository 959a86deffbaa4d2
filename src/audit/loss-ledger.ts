/** Records that were lost between two points of time (epoch milliseconds). */
export interface Loss {
  count: number;
  from: number;
  to: number;
}

/** Counts lost records until the loss itself can be put on record. */
export class LossLedger {
  private open: Loss | undefined;
  private sum = 0;

  /** Records lost since the start, whether told yet or not. */
  get total(): number {
    return this.sum;
  }

  /** Counts one lost record. @returns whether it is the first of a new loss */
  add(now: number): boolean {
    this.sum++;
    if (!this.open) {
      this.open = { count: 1, from: now, to: now };
      return true;
    }
    this.open.count++;
    this.open.to = now;
    return false;
  }

  /** The loss so far, which is closed by this; undefined when nothing was lost. */
  take(): Loss | undefined {
    const loss = this.open;
    this.open = undefined;
    return loss;
  }

  /** A taken loss could not be told: it is open again, together with what was lost since. */
  putBack(loss: Loss): void {
    const since = this.open;
    this.open = since ? { count: loss.count + since.count, from: loss.from, to: since.to } : loss;
  }
}
