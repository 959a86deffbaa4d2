/** The element types of ONNX tensors that Oriel serves, named as ONNX names them. */
export type ElementType =
  | 'float16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string';

/** One edge of a graph. A dimension is a size, a symbol, or null where the graph does not say. */
export interface TensorSpec {
  name: string;
  type: ElementType;
  shape: readonly (number | string | null)[];
}

/** What a graph takes and gives, and what it says of itself. */
export interface Signature {
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  producer: string | null;
  opset: number | null;
  description: string | null;
  metadata: Readonly<Record<string, string>>;
}

/** The values of a tensor: typed arrays as the runtime takes them, texts as an array. Bools are bytes, 0 or 1. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

export interface NamedTensor {
  name: string;
  type: ElementType;
  dims: readonly number[];
  data: TensorData;
}

/** The sizes of one row: everything after the first dimension. Unknown ones are null. */
export function rowShape(spec: TensorSpec): readonly (number | null)[] {
  return spec.shape.slice(1).map((size) => (typeof size === 'number' ? size : null));
}
