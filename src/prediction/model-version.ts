import type { Freshness } from './caching/freshness.js';
import type { Classes } from './answer.js';
import { Batcher } from '../batching/batcher.js';
import { OrielError } from '../errors.js';
import type { Feature } from './features.js';
import { ThreadError } from '../threads/thread.js';
import type { InferencePool } from './onnx/pool.js';
import { deadlineExceeded, lostPatience, type Patience } from './patience.js';
import { Rate } from './rate.js';
import type { RowEncoder, EncodedRows } from './row-encoder.js';
import { batchModeOf, type BatchMode, type NamedTensor, type Signature } from './signature.js';
import { joinRows, oneByOne } from './single-rows.js';
import { ModelStatistics, type ExecutionTimes } from './statistics.js';
import { packRows, rowLength, rowsOf, type TensorRows } from './tensors.js';

/** The answer to one request: for each output of the graph the values of the request's own rows. */
export interface RowOutputs {
  rows: number;
  outputs: readonly NamedTensor[];
  /** Rows in the batch that they went through the model with. */
  batch: number;
  /** Milliseconds between the request and the start of its batch, and of the batch in the runtime. */
  queue: number;
  run: number;
}

/** The answer to a request made of tensors: the outputs as the model gave them. */
export type TensorOutputs = Pick<RowOutputs, 'outputs' | 'batch' | 'queue' | 'run'>;

interface Job {
  rows: EncodedRows | TensorRows;
  submittedAt: number;
  patience: Patience;
}

/** What a job comes to: its rows' outputs, or the reason why there are none. */
type JobResult = RowOutputs | OrielError;

/** How often the queue is looked through for those who gave up. */
const WATCH_QUEUE_MS = 25;
const ENDLESS: Patience = { deadline: Infinity, gone: () => false };

/** Rows of one request that wait at once, for a model that takes one at a time. */
const SINGLE_ROWS_AT_ONCE = 16;

/** A request may have chosen its version just before it was replaced: it gets this long to ask it. */
const RETIRE_AFTER_MS = 1000;

/** What a version is made of, once its file is loaded. */
export interface VersionParts {
  model: string;
  version: string;
  /** SHA-256 of the file. */
  digest: string;
  signature: Signature;
  encoder: RowEncoder;
  cache: Freshness;
  /** Milliseconds that a question may wait, where the caller says nothing else. */
  deadline: number;
}

/** A model version that is loaded in every inference thread and answers rows, batched with those of other requests. */
export class ModelVersion {
  private readonly batcher: Batcher<Job, JobResult>;
  /** For tensors that cannot be joined with those of other requests. */
  private readonly alone: Batcher<Job, JobResult>;
  readonly mode: BatchMode;
  /** Of what was asked since the load, in whatever tongue. */
  statistics = new ModelStatistics();
  private pending = 0;
  private readonly rate: Rate;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    readonly parts: VersionParts,
    private readonly key: string,
    private readonly pool: InferencePool,
    readonly bounds: { maxRows: number; maxQueue: number },
  ) {
    this.mode = batchModeOf(parts.signature);
    const maxBatch = this.mode === 'rows' ? bounds.maxRows : 1;
    this.rate = new Rate(maxBatch * pool.lanes.count);
    this.batcher = new Batcher(
      { maxBatch, maxWaiting: bounds.maxQueue },
      (jobs, lane, settle) => {
        this.runBatch(jobs, lane).then(
          (results) => settle(null, results),
          (error: unknown) => settle(error as Error),
        );
      },
      pool.lanes,
    );
    this.alone = new Batcher(
      { maxBatch: 1, maxWaiting: bounds.maxQueue },
      ([job], lane, settle) => {
        this.runAlone(job as Job, lane).then(
          (result) => settle(null, [result]),
          (error: unknown) => settle(null, [failure(error)]),
        );
      },
      pool.lanes,
    );
  }

  get features(): readonly Feature[] {
    return this.parts.encoder.features;
  }

  /** How the probabilities are told, where the model is a classifier. */
  get classes(): Classes | null {
    const { classes, probabilities } = this.parts.signature;
    return classes && probabilities !== null ? { labels: classes, output: probabilities } : null;
  }

  /** Rows that wait for a thread. */
  get waiting(): number {
    return this.batcher.waiting + this.alone.waiting;
  }

  /**
   * @throws OrielError `queue-full` (503) when too many rows wait, `deadline-exceeded` (503) when the wait is or would be longer
   * than the caller's patience, `model-failed` (422) when the model cannot compute on this
   * input, `inference-lost` (503) when the thread died under it
   */
  async run(rows: EncodedRows, patience: Patience = ENDLESS): Promise<RowOutputs> {
    if (this.mode === 'rows' || rows.rows <= 1) return this.submit(rows, patience);
    const single = oneByOne(rows);
    const answers: RowOutputs[] = [];
    for (let from = 0; from < single.length; from += SINGLE_ROWS_AT_ONCE) {
      const some = single.slice(from, from + SINGLE_ROWS_AT_ONCE);
      answers.push(...(await Promise.all(some.map((row) => this.submit(row, patience)))));
    }
    return joinRows(answers);
  }

  /**
   * Runs tensors that fit the signature: together with the rows of other requests where the model takes rows and the inputs
   * are the same number of them, else alone. The tensors change hands; each has a buffer of its own.
   * @throws OrielError as `run`
   */
  infer(inputs: readonly NamedTensor[], patience: Patience = ENDLESS): Promise<TensorOutputs> {
    const rows = this.mode === 'whole' ? 1 : (inputs[0]?.dims[0] ?? 1);
    const together =
      this.mode === 'rows' &&
      rows > 0 &&
      inputs.length === this.parts.signature.inputs.length &&
      this.parts.signature.inputs.every(({ name }) =>
        inputs.some((input) => input.name === name && input.dims[0] === rows),
      );
    return this.submit({ rows, tensors: inputs }, patience, together ? this.batcher : this.alone);
  }

  /** Frees the version once those who still hold it have their answers. */
  async retire(): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, RETIRE_AFTER_MS));
    while (this.pending > 0);
    await this.pool.unload(this.key);
  }

  private submit(rows: Job['rows'], patience: Patience, to = this.batcher): Promise<RowOutputs> {
    const submittedAt = performance.now();
    const wait = to.waiting > 0 ? this.rate.wait(to.waiting) : 0;
    if (wait > 0 && submittedAt + wait > patience.deadline) {
      return Promise.reject(deadlineExceeded(Math.min(60, wait / 1000)));
    }
    this.pending++;
    return new Promise((resolve, reject) => {
      const end = (result: JobResult | Error | undefined): void => {
        this.pending--;
        const failed = result === undefined || result instanceof Error;
        this.statistics.ended(!failed, performance.now() - submittedAt);
        if (failed) reject(result ?? new Error('no result'));
        else resolve(result);
      };
      const taken = to.offer({ rows, submittedAt, patience }, Math.max(1, rows.rows), (error, result) =>
        end(error ?? result),
      );
      if (!taken) end(queueFull(this.rate.wait(to.waiting) / 1000));
      else if (to.waiting > 0) this.watchQueue();
    });
  }

  /** While something waits, those who gave up are told at once and not when their turn would have come. */
  private watchQueue(): void {
    this.watch ??= setInterval(() => {
      const now = performance.now();
      for (const queue of [this.batcher, this.alone]) queue.drop((job) => lostPatience(job.patience, now));
      if (this.batcher.waiting + this.alone.waiting > 0) return;
      clearInterval(this.watch);
      this.watch = undefined;
    }, WATCH_QUEUE_MS).unref();
  }

  /** Runs jobs as one batch; where that fails, each for itself, so that one input fails nobody else's. */
  private async runBatch(jobs: readonly Job[], lane: number): Promise<JobResult[]> {
    const now = performance.now();
    const lost = jobs.map(({ patience }) => lostPatience(patience, now));
    if (lost.every((reason) => reason === null)) return this.runWaiting(jobs, lane);
    const rest = jobs.filter((_, index) => lost[index] === null);
    const results = rest.length === 0 ? [] : await this.runWaiting(rest, lane);
    return lost.map((reason) => reason ?? (results.shift() as JobResult));
  }

  private async runWaiting(jobs: readonly Job[], lane: number): Promise<JobResult[]> {
    try {
      return await this.runOnce(jobs, lane);
    } catch (error) {
      if (jobs.length === 1 || isDeath(error)) return jobs.map(() => failure(error));
    }
    const results: JobResult[] = [];
    for (const job of jobs) {
      results.push(...(await this.runOnce([job], lane).catch((error: unknown) => [failure(error)])));
    }
    return results;
  }

  private async runOnce(jobs: readonly Job[], lane: number): Promise<RowOutputs[]> {
    const startedAt = performance.now();
    const rows = jobs.map((job) => job.rows);
    const inputs = packRows(this.parts.signature, this.mode, rows);
    const packedAt = performance.now();
    const { outputs, elapsed } = await this.pool.run(lane, this.key, inputs);
    const answeredAt = performance.now();
    this.rate.note(
      rows.reduce((sum, one) => sum + one.rows, 0),
      answeredAt - startedAt,
    );
    const results = this.answersOf(jobs, outputs, startedAt, elapsed);
    this.count(jobs, startedAt, {
      input: packedAt - startedAt,
      run: elapsed,
      output: performance.now() - answeredAt,
    });
    return results;
  }

  private async runAlone(job: Job, lane: number): Promise<RowOutputs> {
    const startedAt = performance.now();
    const { rows } = job.rows;
    const { outputs, elapsed } = await this.pool.run(
      lane,
      this.key,
      packRows(this.parts.signature, this.mode, [job.rows]),
    );
    this.count([job], startedAt, { input: 0, run: elapsed, output: 0 });
    return { rows, outputs, batch: rows, queue: startedAt - job.submittedAt, run: elapsed };
  }

  /** Tensors that ran for themselves are answered as they came out, whatever their first dimension means. */
  private answersOf(
    jobs: readonly Job[],
    outputs: readonly NamedTensor[],
    startedAt: number,
    run: number,
  ): RowOutputs[] {
    const [only, ...more] = jobs;
    if (!only || more.length > 0 || !('tensors' in only.rows))
      return splitRows(jobs, this.asRows(outputs), startedAt, run);
    const { rows } = only.rows;
    return [{ rows, outputs, batch: rows, queue: startedAt - only.submittedAt, run }];
  }

  private count(jobs: readonly Job[], startedAt: number, times: ExecutionTimes): void {
    const rows = jobs.reduce((sum, job) => sum + job.rows.rows, 0);
    const queued = jobs.map(({ submittedAt }) => startedAt - submittedAt);
    this.statistics.executed(rows, queued, times, Date.now());
  }

  /** Without a dimension for rows, an output is that of the one row. */
  private asRows(outputs: readonly NamedTensor[]): readonly NamedTensor[] {
    if (this.mode !== 'whole') return outputs;
    return outputs.map((output) => ({ ...output, dims: [1, ...output.dims] }));
  }
}

/** @param retryAfter seconds until what waits now is through */
function queueFull(retryAfter: number): OrielError {
  return new OrielError('unavailable', 'queue-full', 'Too many rows wait for this model.', {
    retryAfter: Math.min(60, Math.max(1, Math.ceil(retryAfter))),
  });
}

function isDeath(error: unknown): boolean {
  return error instanceof ThreadError && error.code === 'thread-died';
}

function failure(error: unknown): OrielError {
  if (isDeath(error)) {
    return new OrielError(
      'unavailable',
      'inference-lost',
      'The thread that ran the model is gone; try again.',
      {
        retryAfter: 1,
        cause: error,
      },
    );
  }
  return new OrielError('invalid', 'model-failed', 'The model cannot compute on this input.', {
    cause: error,
  });
}

/** Gives each request its rows of the batch's outputs back, in order. @throws Error when the outputs have other rows */
function splitRows(
  jobs: readonly Job[],
  outputs: readonly NamedTensor[],
  startedAt: number,
  run: number,
): RowOutputs[] {
  const total = jobs.reduce((sum, job) => sum + job.rows.rows, 0);
  const wrong = outputs.find((output) => rowsOf(output) !== total);
  if (wrong) throw new Error(`output ${wrong.name} has ${rowsOf(wrong)} rows for ${total}`);
  let first = 0;
  return jobs.map(({ rows: { rows }, submittedAt }) => {
    const from = first;
    first += rows;
    const own = outputs.map((output) => {
      const length = rowLength(output);
      const dims = [rows, ...output.dims.slice(1)];
      const data = Array.isArray(output.data)
        ? output.data.slice(from * length, first * length)
        : output.data.subarray(from * length, first * length);
      return { ...output, dims, data };
    });
    return { rows, outputs: own, batch: total, queue: startedAt - submittedAt, run };
  });
}
