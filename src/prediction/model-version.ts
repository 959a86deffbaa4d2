import type { AnswerWriter } from './answer.js';
import { BatchRunner, type Job, type JobResult, type RowOutputs } from './batch-runner.js';
import { Batcher, type BatcherBounds } from '../batching/batcher.js';
import type { Freshness } from './caching/freshness.js';
import { OrielError } from '../errors.js';
import type { Feature } from './features.js';
import type { ModelRunner } from './onnx/pool.js';
import { deadlineExceeded, lostPatience, type Patience } from './patience.js';
import { Rate } from './rate.js';
import type { RowEncoder, EncodedRows } from './row-encoder.js';
import { batchModeOf, type BatchMode, type NamedTensor, type Signature } from './signature.js';
import { joinRows, oneByOne } from './single-rows.js';
import { ModelStatistics } from './statistics.js';

/** The answer to a request made of tensors: the outputs as the model gave them. */
export type TensorOutputs = Pick<RowOutputs, 'outputs' | 'batch' | 'queue' | 'run' | 'startedAt'>;

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
  /** CPUs that one run is divided among. */
  threads: number;
  signature: Signature;
  encoder: RowEncoder;
  writer: AnswerWriter;
  cache: Freshness;
  /** Milliseconds that a question may wait, where the caller says nothing else. */
  deadline: number;
}

/** Jobs that wait, and how fast they get their turns. */
interface Queue {
  batcher: Batcher<Job, JobResult>;
  rate: Rate;
}

/** A model version that is loaded in every inference thread and answers rows, batched with those of other requests. */
export class ModelVersion {
  private readonly joined: Queue;
  /** For tensors that cannot be joined with those of other requests. */
  private readonly alone: Queue;
  private readonly runner: BatchRunner;
  private pending = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    readonly parts: VersionParts,
    private readonly key: string,
    private readonly pool: ModelRunner,
    readonly bounds: { maxRows: number; maxQueue: number },
  ) {
    const maxBatch = batchModeOf(parts.signature) === 'rows' ? bounds.maxRows : 1;
    this.runner = new BatchRunner(parts.signature, key, pool);
    this.joined = this.queue({ maxBatch, maxWaiting: bounds.maxQueue });
    this.alone = this.queue({ maxBatch: 1, maxWaiting: bounds.maxQueue });
  }

  get features(): readonly Feature[] {
    return this.parts.encoder.features;
  }

  get mode(): BatchMode {
    return this.runner.mode;
  }

  /** Of what was asked since the version opened, in whatever tongue. */
  get statistics(): ModelStatistics {
    return this.runner.statistics;
  }

  /** Rows that wait for a thread. */
  get waiting(): number {
    return this.joined.batcher.waiting + this.alone.batcher.waiting;
  }

  /** Begins to count: whoever asked before was only trying. */
  open(): void {
    this.runner.statistics = new ModelStatistics();
  }

  /**
   * @throws OrielError `queue-full` (503) when too many rows wait, `deadline-exceeded` (503) when the answer would not come, or
   * its turn has not come, within the caller's patience, `model-failed` (422) when the model cannot compute on this
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
    return this.submit({ rows, tensors: inputs }, patience, together ? this.joined : this.alone);
  }

  /** Keeps the version from being freed between the questions of one caller. @returns lets it go again */
  hold(): () => void {
    this.pending++;
    let held = true;
    return () => {
      if (held) this.pending--;
      held = false;
    };
  }

  /** Frees the version once those who still hold it have their answers. */
  async retire(): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, RETIRE_AFTER_MS));
    while (this.pending > 0);
    await this.pool.unload(this.key);
  }

  private queue(bounds: BatcherBounds): Queue {
    const rate = new Rate(bounds.maxBatch, this.pool.lanes.count);
    const batcher: Queue['batcher'] = new Batcher(
      bounds,
      (jobs, lane, settle) => {
        const now = performance.now();
        // A batch of those who gave up takes no time, and would tell nothing of the next.
        if (jobs.some(({ patience }) => lostPatience(patience, now) === null))
          rate.started(now, batcher.waiting > 0);
        const note = (rows: number, elapsed: number): void =>
          rate.note(bounds.maxBatch === 1 ? jobs.length : rows, elapsed);
        this.runner.run(jobs, lane, note).then(
          (results) => settle(null, results),
          (error: unknown) => settle(error as Error),
        );
      },
      this.pool.lanes,
    );
    return { batcher, rate };
  }

  /** What waits, in the units of the queue's rate: a request that goes alone is one run, however many rows it has. */
  private ahead(queue: Queue): number {
    return queue === this.alone ? queue.batcher.items : queue.batcher.waiting;
  }

  private submit(rows: Job['rows'], patience: Patience, to = this.joined): Promise<RowOutputs> {
    const submittedAt = performance.now();
    const { batcher, rate } = to;
    const wait = this.pool.lanes.taken ? rate.wait(this.ahead(to), submittedAt) : 0;
    if (wait > 0 && submittedAt + wait + rate.run > patience.deadline) {
      this.statistics.ended(false, 0);
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
      const taken = batcher.offer({ rows, submittedAt, patience }, Math.max(1, rows.rows), (error, result) =>
        end(error ?? result),
      );
      if (!taken) end(queueFull(rate.wait(this.ahead(to), submittedAt) / 1000));
      else if (batcher.waiting > 0) this.watchQueue();
    });
  }

  /** While something waits, those who gave up are told at once and not when their turn would have come. */
  private watchQueue(): void {
    this.watch ??= setInterval(() => {
      const now = performance.now();
      for (const { batcher, rate } of [this.joined, this.alone]) {
        batcher.drop((job) => lostPatience(job.patience, now));
        if (batcher.waiting === 0) rate.emptied();
      }
      if (this.waiting > 0) return;
      clearInterval(this.watch);
      this.watch = undefined;
    }, WATCH_QUEUE_MS).unref();
  }
}

/** @param retryAfter seconds until what waits now is through */
function queueFull(retryAfter: number): OrielError {
  return new OrielError('unavailable', 'queue-full', 'Too many rows wait for this model.', {
    retryAfter: Math.min(60, Math.max(1, Math.ceil(retryAfter))),
  });
}
