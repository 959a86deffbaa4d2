import type { ElementType, NamedTensor, Signature, TensorData, TensorSpec } from './signature.js';
import type { EncodedRows } from './row-encoder.js';
import type { Encoded } from './values.js';

const ARRAYS = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** A zeroed array for `length` elements of a type. */
export function allocate(type: ElementType, length: number): TensorData {
  return type === 'string' ? new Array<string>(length).fill('') : new ARRAYS[type](length);
}

/** Lays the rows of several requests out as one tensor an input, in order. */
export function packRows(signature: Signature, batch: readonly EncodedRows[]): NamedTensor[] {
  const rows = batch.reduce((sum, one) => sum + one.rows, 0);
  return signature.inputs.map((spec, input) => {
    const parts = batch.map((one) => one.values[input] as Encoded[]);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const data = allocate(spec.type, length) as Encoded[];
    let at = 0;
    for (const part of parts) for (let i = 0; i < part.length; i++) data[at++] = part[i] as Encoded;
    return {
      name: spec.name,
      type: spec.type,
      dims: dimensions(spec, rows, length),
      data: data as TensorData,
    };
  });
}

/** The sizes of a tensor of `rows` rows: what the graph leaves open is what the number of values makes it. */
function dimensions(spec: TensorSpec, rows: number, length: number): number[] {
  const open = spec.shape.slice(1).filter((size) => typeof size !== 'number').length;
  const known = spec.shape
    .slice(1)
    .reduce<number>((product, size) => product * (typeof size === 'number' ? size : 1), rows);
  const rest = open === 1 && known > 0 ? length / known : 1;
  return [rows, ...spec.shape.slice(1).map((size) => (typeof size === 'number' ? size : rest))];
}

/** How many rows a tensor has: its first dimension. */
export function rowsOf(tensor: NamedTensor): number {
  return tensor.dims[0] ?? 1;
}

/** Elements of one row of a tensor. */
export function rowLength(tensor: NamedTensor): number {
  return tensor.dims.slice(1).reduce((product, size) => product * size, 1);
}
