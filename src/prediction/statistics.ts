import { Histogram, LATENCY_BOUNDS } from '../histogram.js';

/** How often something happened, and how long it took in all. */
export interface Tally {
  count: number;
  /** Milliseconds. */
  ms: number;
}

/** Executions with one number of rows. */
export interface BatchTally {
  input: Tally;
  run: Tally;
  output: Tally;
}

/** Milliseconds that one execution of a model took: laying out its inputs, running, giving the outputs apart. */
export interface ExecutionTimes {
  input: number;
  run: number;
  output: number;
}

/** Sizes above this are counted under the next power of two, so that odd ones cannot fill the memory. */
const EXACT_SIZES = 1024;

/** What a model version has done since it was loaded. Pure: every time is a parameter. */
export class ModelStatistics {
  /** Rows that went through the model, and runs of the model they took. */
  rows = 0;
  executions = 0;
  /** Epoch milliseconds of the last run; 0 before the first. */
  lastRun = 0;
  readonly success = tally();
  readonly fail = tally();
  readonly queue = tally();
  readonly input = tally();
  readonly run = tally();
  readonly output = tally();
  /** By number of rows. */
  readonly batches = new Map<number, BatchTally>();
  /** Seconds that requests waited for their run, and that runs took. */
  readonly waits = new Histogram(LATENCY_BOUNDS);
  readonly runs = new Histogram(LATENCY_BOUNDS);

  /** The model ran once for `queued.length` requests, which had waited so many milliseconds each. */
  executed(rows: number, queued: readonly number[], times: ExecutionTimes, now: number): void {
    this.rows += rows;
    this.executions++;
    this.lastRun = now;
    this.runs.add(times.run / 1000);
    for (const wait of queued) {
      this.waits.add(wait / 1000);
      add(this.queue, wait);
      add(this.input, times.input);
      add(this.run, times.run);
      add(this.output, times.output);
    }
    const batch = this.batch(rows <= EXACT_SIZES ? rows : 2 ** Math.ceil(Math.log2(rows)));
    add(batch.input, times.input);
    add(batch.run, times.run);
    add(batch.output, times.output);
  }

  /** A request ended, `ms` after it was handed in. */
  ended(ok: boolean, ms: number): void {
    add(ok ? this.success : this.fail, ms);
  }

  private batch(size: number): BatchTally {
    const known = this.batches.get(size);
    if (known) return known;
    const fresh = { input: tally(), run: tally(), output: tally() };
    this.batches.set(size, fresh);
    return fresh;
  }
}

function tally(): Tally {
  return { count: 0, ms: 0 };
}

function add(to: Tally, ms: number): void {
  to.count++;
  to.ms += ms;
}
