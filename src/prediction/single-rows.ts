import type { RowOutputs } from './batch-runner.js';
import type { EncodedRows } from './row-encoder.js';
import type { NamedTensor, TensorData } from './signature.js';
import type { Encoded } from './values.js';

/** The rows of a request each for themselves, for a model that takes one at a time. */
export function oneByOne({ rows, values, sizes }: EncodedRows): EncodedRows[] {
  const at = values.map(() => 0);
  return Array.from({ length: rows }, (_, row) => {
    const own = values.map((all, input) => {
      const length = sizes[row]?.[input]?.reduce((product, size) => product * size, 1) ?? all.length / rows;
      const from = at[input] as number;
      at[input] = from + length;
      return all.slice(from, from + length);
    });
    return { rows: 1, values: own, sizes: sizes[row] ? [sizes[row]] : [] };
  });
}

/** The rows from one to before another. */
export function partOf(rows: EncodedRows, from: number, to: number): EncodedRows {
  const parts = oneByOne(rows).slice(from, to);
  return {
    rows: parts.length,
    values: rows.values.map((_, input) => parts.flatMap(({ values }) => values[input] as Encoded[])),
    sizes: rows.sizes.slice(from, to),
  };
}

/** The answers to rows that were run one by one, as those of one request. */
export function joinRows(parts: readonly RowOutputs[]): RowOutputs {
  const [first] = parts as readonly [RowOutputs, ...RowOutputs[]];
  return {
    rows: parts.length,
    outputs: first.outputs.map((output, index) =>
      join(
        parts.map((part) => part.outputs[index] as NamedTensor),
        output,
      ),
    ),
    batch: 1,
    queue: Math.max(...parts.map(({ queue }) => queue)),
    run: parts.reduce((sum, { run }) => sum + run, 0),
  };
}

function join(tensors: readonly NamedTensor[], like: NamedTensor): NamedTensor {
  const dims = [tensors.length, ...like.dims.slice(1)];
  const same = tensors.every((tensor) => tensor.data.length === like.data.length);
  if (!same) return { ...like, dims, data: [], parts: tensors };
  return { ...like, dims, data: concatenated(tensors.map(({ data }) => data)) };
}

function concatenated(arrays: readonly TensorData[]): TensorData {
  const [first] = arrays as readonly [TensorData, ...TensorData[]];
  if (Array.isArray(first)) return (arrays as readonly string[][]).flat();
  const typed = arrays as readonly Float64Array[];
  const all = new (first.constructor as Float64ArrayConstructor)(typed.length * first.length);
  typed.forEach((array, index) => all.set(array, index * first.length));
  return all;
}
