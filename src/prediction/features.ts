import { OrielError } from '../errors.js';
import type { FeatureConfig } from './model-config.js';
import { batchModeOf, rowShape, type ElementType, type Signature, type TensorSpec } from './signature.js';

/** One named value of a row: a column of an input, or a whole input. */
export interface Feature {
  name: string;
  type: ElementType;
  /** Index of the input it is a part of. The features of an input follow one another in the order of its columns. */
  input: number;
  /** Sizes of the value: `[]` for a scalar, `[3, 4]` for nested arrays; null where any size will do. */
  shape: readonly (number | null)[];
  config: FeatureConfig;
}

/**
 * Names the values that a row consists of. One input `[N, F]` takes its column names from `configured`, else `f0 … f<F-1>`;
 * with several inputs, or one that is not a table, each input is one feature under its own name.
 * @throws OrielError `invalid-model-config` when `configured` does not fit the graph
 */
export function featuresOf(
  signature: Signature,
  configured: readonly FeatureConfig[] | undefined,
): Feature[] {
  const mode = batchModeOf(signature);
  const [only, ...more] = signature.inputs;
  const width =
    only && more.length === 0 && only.shape.length === 2 && mode !== 'whole' ? only.shape[1] : undefined;
  if (only && width !== undefined && (typeof width === 'number' || configured)) {
    return columnsOf(signature, typeof width === 'number' ? width : (configured?.length ?? 0), configured);
  }
  return inputsAsFeatures(signature, configured);
}

function columnsOf(
  { inputs, imputed }: Signature,
  width: number,
  configured: readonly FeatureConfig[] | undefined,
): Feature[] {
  if (configured && configured.length !== width) {
    throw misfit('/features', `names ${configured.length} features, the model takes ${width}`);
  }
  const names = configured ?? Array.from({ length: width }, (_, column) => ({ name: `f${column}` }));
  const { type } = inputs[0] as TensorSpec;
  const seen = new Set<string>();
  const byGraph = new Set(imputed?.[0]);
  return names.map((config, column) => {
    if (seen.has(config.name)) throw misfit(`/features/${column}`, `the name ${config.name} is taken twice`);
    seen.add(config.name);
    return {
      name: config.name,
      type,
      input: 0,
      shape: [],
      config: filledIn(config, byGraph.has(column)),
    };
  });
}

function inputsAsFeatures(signature: Signature, configured: readonly FeatureConfig[] | undefined): Feature[] {
  const byName = new Map((configured ?? []).map((config, index) => [config.name, { config, index }]));
  const features = signature.inputs.map((spec, input): Feature => {
    const shape = rowShape(spec, batchModeOf(signature));
    const config = byName.get(spec.name)?.config ?? { name: spec.name };
    byName.delete(spec.name);
    const size = shape.reduce<number>((product, one) => product * (one ?? NaN), 1);
    return {
      name: spec.name,
      type: spec.type,
      input,
      shape: shape.length === 1 && shape[0] === 1 ? [] : shape,
      config: filledIn(config, signature.imputed?.[input]?.length === size),
    };
  });
  for (const { config, index } of byName.values()) {
    throw misfit(`/features/${index}`, `the model has no input named ${config.name}`);
  }
  return features;
}

/** Where the graph fills missing values in, in all of a feature's values, it may be null unless it is said that it may not. */
function filledIn(config: FeatureConfig, byGraph: boolean): FeatureConfig {
  return byGraph ? { nullable: true, ...config } : config;
}

function misfit(pointer: string, detail: string): OrielError {
  return new OrielError('invalid', 'invalid-model-config', 'model.json does not fit the model.', {
    faults: [{ pointer, detail }],
  });
}
