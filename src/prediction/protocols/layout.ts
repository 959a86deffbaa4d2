import type { Feature } from '../features.js';
import { batchModeOf, rowShape, type Signature, type TensorSpec } from '../signature.js';

/** How a model's inputs and its features hang together, for forms of input that may name either. */
export interface Layout {
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  features: readonly Feature[];
  byName: ReadonlyMap<string, Feature>;
  /** The one input `[N, F]` whose columns are the features; null where each input is a feature. */
  table: TensorSpec | null;
  /** Whether the inputs have no dimension for rows, so that one row is all that the model takes at once. */
  whole: boolean;
  /** Features that are the one element of an input `[N, 1]`: a row of the tensor is `[x]`, the feature `x`. */
  wrapped: ReadonlySet<string>;
  /** Whether a value may be given as base64: texts and bytes. */
  encodable: boolean;
}

export function layoutOf(signature: Signature, features: readonly Feature[]): Layout {
  const { inputs, outputs } = signature;
  const mode = batchModeOf(signature);
  const [only] = inputs;
  const scalars = features.every(({ shape }) => shape.length === 0);
  const isTable = only && inputs.length === 1 && only.shape.length === 2 && mode !== 'whole' && scalars;
  const wrapped = isTable
    ? []
    : features.filter(
        ({ shape, input }) => shape.length === 0 && rowShape(inputs[input] as TensorSpec, mode).length === 1,
      );
  return {
    inputs,
    outputs,
    features,
    byName: new Map(features.map((feature) => [feature.name, feature])),
    table: isTable ? only : null,
    whole: mode === 'whole',
    wrapped: new Set(wrapped.map(({ name }) => name)),
    encodable: features.some(({ type }) => type === 'string' || type === 'uint8'),
  };
}
