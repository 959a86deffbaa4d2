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
  /** Inputs that have a value of their own and may be left out; only the V2 protocol can give them. */
  optionalInputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  /** A classifier's labels, in the order of its probabilities' columns. */
  classes: readonly string[] | null;
  /** Which output holds the probabilities of `classes`, row by row; null where the model is no classifier. */
  probabilities: number | null;
  /** Columns of each input in which NaN is a missing value that the graph fills in; none where it is absent. */
  imputed?: readonly (readonly number[])[];
  /** Whether rows cannot go through together although the inputs would let them: the outputs do not give them apart again. */
  alone?: boolean;
  /** Whether the same input may be answered differently another time. */
  random: boolean;
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
  /** The rows each for themselves, where they differ in size; `data` is then empty. */
  parts?: readonly NamedTensor[];
}

/**
 * How rows go through a model, as its inputs' first dimensions tell (those of outputs are often wrong):
 * - `rows`: the first dimension is open, the same for all inputs, and the others are fixed: any number of rows at once
 * - `single`: one row at a time, as a batch of one: the first dimension is 1, or rows may differ in size, or they must go alone
 * - `whole`: an input has no dimension for rows; a "row" is whatever the model takes at once
 */
export type BatchMode = 'rows' | 'single' | 'whole';

export function batchModeOf({ inputs, alone }: Pick<Signature, 'inputs' | 'alone'>): BatchMode {
  const firsts = inputs.map(({ shape }) => shape[0]);
  if (
    inputs.length === 0 ||
    firsts.some((first) => first === undefined || (typeof first === 'number' && first !== 1))
  ) {
    return 'whole';
  }
  const symbols = new Set(firsts.filter((first) => typeof first === 'string'));
  const open = inputs.some(({ shape }) => shape.slice(1).some((size) => typeof size !== 'number'));
  return firsts.includes(1) || symbols.size > 1 || open || alone === true ? 'single' : 'rows';
}

/** The sizes of what one row gives for an input: without the dimension of the rows, where there is one. Unknown ones are null. */
export function rowShape(spec: TensorSpec, mode: BatchMode): readonly (number | null)[] {
  const sizes = mode === 'whole' ? spec.shape : spec.shape.slice(1);
  return sizes.map((size) => (typeof size === 'number' ? size : null));
}
