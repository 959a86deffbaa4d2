import type { ModelEntry, VersionEntry } from '../../catalog.js';
import type { ModelVersion } from '../../model-version.js';
import type { TensorSpec } from '../../signature.js';
import type { ModelStatistics, Tally } from '../../statistics.js';
import { configTypeOf, datatypeOf, shapeOf } from './datatypes.js';

/** What Triton calls a model that ONNX Runtime runs. */
const PLATFORM = 'onnxruntime_onnx';

export interface ServerMetadata {
  name: string;
  version: string;
  extensions: string[];
}

/** Held against package.json by a test. */
export const SERVER: ServerMetadata = {
  name: 'oriel',
  version: '0.1.0',
  extensions: [
    'binary_tensor_data',
    'classification',
    'model_configuration',
    'model_repository',
    'model_repository(unload_dependents)',
    'parameters',
    'statistics',
  ],
};

/** The protocol's model metadata. @param versions those that can be asked */
export function metadataView({ parts }: ModelVersion, versions: readonly string[]): unknown {
  const { inputs, optionalInputs, outputs } = parts.signature;
  const tensor = ({ name, type, shape }: TensorSpec): unknown => ({
    name,
    datatype: datatypeOf(type),
    shape: shapeOf(shape),
  });
  return {
    name: parts.model,
    versions,
    platform: PLATFORM,
    inputs: [...inputs, ...optionalInputs].map(tensor),
    outputs: outputs.map(tensor),
  };
}

/** Triton's model configuration: for a model that batches, without the dimension of the rows. */
export function configView(version: ModelVersion): unknown {
  const { model, signature, threads } = version.parts;
  const batches = version.mode === 'rows';
  const tensor = ({ name, type, shape }: TensorSpec, rows = batches): Record<string, unknown> => {
    const dims = shapeOf(rows ? shape.slice(1) : shape);
    // A configuration has no empty dims: a scalar is one element, reshaped.
    const size = dims.length === 0 ? { dims: [1], reshape: { shape: [] } } : { dims };
    return { name, data_type: configTypeOf(type), ...size };
  };
  return {
    name: model,
    platform: PLATFORM,
    backend: 'onnxruntime',
    default_model_filename: 'model.onnx',
    version_policy: { all: {} },
    max_batch_size: batches ? version.bounds.maxRows : 0,
    input: [
      ...signature.inputs.map((spec) => tensor(spec)),
      ...signature.optionalInputs.map((spec) => ({ ...tensor(spec, false), optional: true })),
    ],
    output: signature.outputs.map((spec) => tensor(spec)),
    ...(batches ? { dynamic_batching: {} } : {}),
    parameters: { intra_op_thread_count: { string_value: String(threads) } },
  };
}

/** A version in the protocol's statistics. */
export function statisticsView({ parts, statistics }: ModelVersion): unknown {
  return {
    name: parts.model,
    version: parts.version,
    last_inference: statistics.lastRun,
    inference_count: statistics.rows,
    execution_count: statistics.executions,
    inference_stats: {
      success: duration(statistics.success),
      fail: duration(statistics.fail),
      queue: duration(statistics.queue),
      compute_input: duration(statistics.input),
      compute_infer: duration(statistics.run),
      compute_output: duration(statistics.output),
      cache_hit: NEVER,
      cache_miss: NEVER,
    },
    batch_stats: batchStatistics(statistics),
  };
}

/** A version in the repository's index, with the reason where it cannot be asked. */
export function indexView({ name }: ModelEntry, entry: VersionEntry): Record<string, unknown> {
  const state = entry.loaded ? 'READY' : entry.state === 'loading' ? 'LOADING' : 'UNAVAILABLE';
  const reason = entry.state === 'ready' ? undefined : entry.reason;
  return { name, version: entry.version, state, ...(reason === undefined ? {} : { reason }) };
}

const NEVER = { count: 0, ns: 0 };

function batchStatistics({ batches }: ModelStatistics): unknown[] {
  return [...batches]
    .sort(([a], [b]) => a - b)
    .map(([size, { input, run, output }]) => ({
      batch_size: size,
      compute_input: duration(input),
      compute_infer: duration(run),
      compute_output: duration(output),
    }));
}

function duration({ count, ms }: Tally): { count: number; ns: number } {
  return { count, ns: Math.round(ms * 1e6) };
}
