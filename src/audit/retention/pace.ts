/** Milliseconds that a step works at most, at least and at first; its commit comes on top. */
const MOST = 4;
const LEAST = 1.5;
const FIRST = 2;
/** Milliseconds that the writer is held, beyond which the next step does half as much. */
const LONG = 10;
/** How much longer a step may work than the one before that was short. */
const GROWTH = 1.1;

/**
 * How long a step of retention works: the commit of what it did, and moving that from the log into the file, wait for a disk that may
 * be slow or busy, and take the longer the more there is. So it does half as much after the writer was held too long, and slowly more
 * as long as it was not. The least is enough to keep up with what is written also where the disk alone takes that long. No clock of its
 * own.
 */
export class Pace {
  private work = FIRST;

  /** Milliseconds after which the next step is to begin nothing more. */
  get budget(): number {
    return this.work;
  }

  /** The share of the most that is done in one step: from above 0 to 1. */
  get share(): number {
    return this.work / MOST;
  }

  /** @param ms that the writer was held by a step, or by what followed from it */
  held(ms: number): void {
    this.work = ms > LONG ? Math.max(LEAST, this.work / 2) : Math.min(MOST, this.work * GROWTH);
  }
}
