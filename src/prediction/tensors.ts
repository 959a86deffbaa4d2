import { fromHalf, toHalf } from './half.js';
import {
  rowShape,
  type BatchMode,
  type ElementType,
  type NamedTensor,
  type Signature,
  type TensorData,
} from './signature.js';
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

/** Rows that came as tensors already, one an input, each with a buffer of its own. */
export interface TensorRows {
  rows: number;
  tensors: readonly NamedTensor[];
}

/** Lays the rows of several requests out as one tensor an input, in order. Without a batch dimension it is one row. */
export function packRows(
  signature: Signature,
  mode: BatchMode,
  batch: readonly (EncodedRows | TensorRows)[],
): readonly NamedTensor[] {
  const [only, ...more] = batch;
  if (only && 'tensors' in only && more.length === 0) return only.tensors;
  const rows = batch.reduce((sum, one) => sum + one.rows, 0);
  return signature.inputs.map((spec, input) => {
    const parts = batch.map((one) =>
      'tensors' in one ? dataOf(one, spec.name) : (one.values[input] as Encoded[]),
    );
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const data = allocate(spec.type, length) as Encoded[];
    let at = 0;
    for (const part of parts) {
      if (spec.type === 'float16' && Array.isArray(part))
        for (const value of part) data[at++] = toHalf(value as number);
      else for (let i = 0; i < part.length; i++) data[at++] = part[i] as Encoded;
    }
    const sizes =
      (only && 'sizes' in only ? only.sizes[0]?.[input] : undefined) ??
      rowShape(spec, mode).map((size) => size ?? length);
    return {
      name: spec.name,
      type: spec.type,
      dims: mode === 'whole' ? sizes : [rows, ...sizes],
      data: data as TensorData,
    };
  });
}

function dataOf({ tensors }: TensorRows, name: string): ArrayLike<Encoded> {
  return (tensors.find((tensor) => tensor.name === name) as NamedTensor).data;
}

/** One element of a tensor: a number, a text, or a bigint for 64-bit integers. */
export function elementAt({ type, data }: NamedTensor, index: number): number | bigint | string {
  const element = data[index] as number | bigint | string;
  return type === 'float16' ? fromHalf(element as number) : element;
}

/** How many rows a tensor has: its first dimension. */
export function rowsOf(tensor: NamedTensor): number {
  return tensor.dims[0] ?? 1;
}

/** Elements of one row of a tensor. */
export function rowLength(tensor: NamedTensor): number {
  return tensor.dims.slice(1).reduce((product, size) => product * size, 1);
}
