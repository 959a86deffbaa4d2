/** Records that were lost between two points of time (epoch milliseconds). */
export interface Loss {
  count: number;
  from: number;
  to: number;
}

/** Counts lost records until the loss itself can be put on record. */
export class LossLedger {
  private open: Loss | undefined;
  /** Taken, but not told yet. */
  private readonly taken = new Set<Loss>();
  private sum = 0;

  /** Records lost since the start, whether told yet or not. */
  get total(): number {
    return this.sum;
  }

  /** When the first was lost of those that are not told; null when all are. */
  get since(): number | null {
    const begun = [...this.taken, ...(this.open ? [this.open] : [])].map(({ from }) => from);
    return begun.length === 0 ? null : Math.min(...begun);
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

  /** The loss so far, which is closed by this and now is to be told; undefined when nothing was lost. */
  take(): Loss | undefined {
    const loss = this.open;
    this.open = undefined;
    if (loss) this.taken.add(loss);
    return loss;
  }

  /** A taken loss is on record. */
  told(loss: Loss): void {
    this.taken.delete(loss);
  }

  /** A taken loss could not be told: it is open again, together with what was lost since. */
  putBack(loss: Loss): void {
    this.taken.delete(loss);
    const since = this.open;
    this.open = since ? { count: loss.count + since.count, from: loss.from, to: since.to } : loss;
  }
}
