import { Batcher } from '../batching/batcher.js';
import { OrielError } from '../errors.js';
import type { Feature } from './features.js';
import type { InferencePool } from './onnx/pool.js';
import type { RowEncoder, EncodedRows } from './row-encoder.js';
import type { NamedTensor, Signature } from './signature.js';
import { packRows, rowLength, rowsOf } from './tensors.js';

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

interface Job {
  rows: EncodedRows;
  submittedAt: number;
}

/** What a version is made of, once its file is loaded. */
export interface VersionParts {
  model: string;
  version: string;
  /** SHA-256 of the file. */
  digest: string;
  signature: Signature;
  encoder: RowEncoder;
}

/** A model version that is loaded in every inference thread and answers rows, batched with those of other requests. */
export class ModelVersion {
  private readonly batcher: Batcher<Job, RowOutputs>;

  constructor(
    readonly parts: VersionParts,
    private readonly key: string,
    private readonly pool: InferencePool,
    bounds: { maxRows: number; maxQueue: number },
  ) {
    this.batcher = new Batcher(
      { maxBatch: bounds.maxRows, maxWaiting: bounds.maxQueue },
      (jobs, lane, settle) => {
        const startedAt = performance.now();
        const inputs = packRows(
          parts.signature,
          jobs.map((job) => job.rows),
        );
        pool.run(lane, key, inputs, (error, answer) => {
          if (error || !answer) return settle(error ?? new Error('no answer'));
          settle(null, splitRows(jobs, answer.outputs, startedAt, answer.elapsed));
        });
      },
      pool.lanes,
    );
  }

  get features(): readonly Feature[] {
    return this.parts.encoder.features;
  }

  /** Rows that wait for a thread. */
  get waiting(): number {
    return this.batcher.waiting;
  }

  /** @throws OrielError `queue-full` (503) when too many rows wait, `inference-failed` when the runtime refused the batch */
  run(rows: EncodedRows): Promise<RowOutputs> {
    return new Promise((resolve, reject) => {
      const taken = this.batcher.offer(
        { rows, submittedAt: performance.now() },
        Math.max(1, rows.rows),
        (error, result) => {
          if (error)
            reject(
              new OrielError('internal', 'inference-failed', 'The model failed on this input.', {
                cause: error,
              }),
            );
          else resolve(result as RowOutputs);
        },
      );
      if (!taken) {
        reject(
          new OrielError('unavailable', 'queue-full', 'Too many rows wait for this model.', {
            retryAfter: 1,
          }),
        );
      }
    });
  }

  async unload(): Promise<void> {
    await this.pool.unload(this.key);
  }
}

/** Gives each request its rows of the batch's outputs back, in order. */
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
