/** Milliseconds over which CPU time is shared among the predictions. */
const WINDOW = 1000;

/** What a prediction costs now; null until enough time was looked at. */
export interface PredictionCost {
  /** CPU microseconds of the whole process. */
  cpuUs: number | null;
  /** Of a million predictions, in the currency of the price. */
  costPerMillion: number | null;
}

/**
 * Shares the CPU time of the process, in all its threads and whatever it did, among the predictions of the same time. So a server that
 * is nearly idle has dear predictions, which is what they cost.
 */
export class CpuMeter {
  private since: number;
  private cpuAt: number;
  private count = 0;
  private last: PredictionCost = { cpuUs: null, costPerMillion: null };

  constructor(
    /** Of a CPU hour. */
    private readonly price: number,
    /** CPU microseconds of the process so far. */
    private readonly cpu: () => number,
    /** Milliseconds. */
    private readonly clock: () => number,
  ) {
    this.since = clock();
    this.cpuAt = cpu();
  }

  /** Counts a prediction. @returns what one took in the last second that had any */
  next(): PredictionCost {
    this.count++;
    const now = this.clock();
    if (now - this.since >= WINDOW) {
      const cpu = this.cpu();
      const cpuUs = Math.round((cpu - this.cpuAt) / this.count);
      this.last = { cpuUs, costPerMillion: (cpuUs * this.price) / 3600 };
      this.since = now;
      this.cpuAt = cpu;
      this.count = 0;
    }
    return this.last;
  }
}
