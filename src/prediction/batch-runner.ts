import { OrielError } from '../errors.js';
import { ThreadError } from '../threads/thread.js';
import { NO_SESSION } from './onnx/messages.js';
import type { ModelRunner } from './onnx/pool.js';
import { lostPatience, type Patience } from './patience.js';
import type { EncodedRows } from './row-encoder.js';
import { batchModeOf, type BatchMode, type NamedTensor, type Signature } from './signature.js';
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
  /** When its batch was begun, on the monotonic clock; absent where there were several. */
  startedAt?: number;
}

/** Rows that wait for a model, or a request made of tensors. */
export interface Job {
  rows: EncodedRows | TensorRows;
  submittedAt: number;
  patience: Patience;
}

/** What a job comes to: its rows' outputs, or the reason why there are none. */
export type JobResult = RowOutputs | OrielError;

/** Is told of a run: its rows, and the milliseconds that it took. */
export type NoteRun = (rows: number, elapsed: number) => void;

/** Runs batches of one model version: packs the rows of several jobs, and gives each its own part of the answer. */
export class BatchRunner {
  readonly mode: BatchMode;
  statistics = new ModelStatistics();

  constructor(
    private readonly signature: Signature,
    private readonly key: string,
    private readonly pool: ModelRunner,
  ) {
    this.mode = batchModeOf(signature);
  }

  /** Runs jobs as one batch, without those that nobody waits for; one input that fails, fails nobody else's. */
  async run(jobs: readonly Job[], lane: number, note: NoteRun): Promise<JobResult[]> {
    const now = performance.now();
    const lost = jobs.map(({ patience }) => lostPatience(patience, now));
    if (lost.every((reason) => reason === null)) return this.runTogether(jobs, lane, note);
    const rest = jobs.filter((_, index) => lost[index] === null);
    const results = rest.length === 0 ? [] : await this.runTogether(rest, lane, note);
    return lost.map((reason) => reason ?? (results.shift() as JobResult));
  }

  /** Where a batch fails its halves are run each for itself, until those that fail are alone. */
  private async runTogether(jobs: readonly Job[], lane: number, note: NoteRun): Promise<JobResult[]> {
    try {
      return await this.runOnce(jobs, lane, note);
    } catch (error) {
      if (jobs.length === 1 || isDeath(error) || isCode(error, NO_SESSION))
        return jobs.map(() => failure(error));
    }
    const middle = Math.ceil(jobs.length / 2);
    const first = await this.run(jobs.slice(0, middle), lane, note);
    return [...first, ...(await this.run(jobs.slice(middle), lane, note))];
  }

  private async runOnce(jobs: readonly Job[], lane: number, note: NoteRun): Promise<RowOutputs[]> {
    const startedAt = performance.now();
    const rows = jobs.reduce((sum, job) => sum + job.rows.rows, 0);
    const inputs = packRows(
      this.signature,
      this.mode,
      jobs.map((job) => job.rows),
    );
    const packedAt = performance.now();
    const { outputs, elapsed } = await this.pool.run(lane, this.key, inputs);
    const answeredAt = performance.now();
    note(rows, answeredAt - startedAt);
    const results = this.answersOf(jobs, outputs, startedAt, elapsed);
    const times: ExecutionTimes = {
      input: packedAt - startedAt,
      run: elapsed,
      output: performance.now() - answeredAt,
    };
    const queued = jobs.map(({ submittedAt }) => startedAt - submittedAt);
    this.statistics.executed(rows, queued, times, Date.now());
    return results;
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
    return [{ rows, outputs, batch: rows, queue: startedAt - only.submittedAt, run, startedAt }];
  }

  /** Without a dimension for rows, an output is that of the one row. */
  private asRows(outputs: readonly NamedTensor[]): readonly NamedTensor[] {
    if (this.mode === 'rows') return outputs;
    return outputs.map((output) =>
      this.mode === 'single' && output.dims[0] === 1 ? output : { ...output, dims: [1, ...output.dims] },
    );
  }
}

function isDeath(error: unknown): boolean {
  return error instanceof ThreadError && error.died;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof ThreadError && error.code === code;
}

function failure(error: unknown): OrielError {
  if (isCode(error, NO_SESSION)) {
    const detail =
      'The file of this model changed while it was in use, and is not loaded everywhere any more.';
    return new OrielError('unavailable', 'model-unavailable', detail, { retryAfter: 1, cause: error });
  }
  if (isDeath(error)) {
    const detail = 'The thread that ran the model is gone; try again.';
    return new OrielError('unavailable', 'inference-lost', detail, { retryAfter: 1, cause: error });
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
    return { rows, outputs: own, batch: total, queue: startedAt - submittedAt, run, startedAt };
  });
}
