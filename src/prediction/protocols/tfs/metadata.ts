import type { ModelVersion } from '../../model-version.js';
import type { ElementType, TensorSpec } from '../../signature.js';
import { SIGNATURE_NAME } from './predict.js';

/** TensorFlow's names of the element types (`tensorflow/core/framework/types.proto`). */
const DTYPES: Readonly<Record<ElementType, string>> = {
  float16: 'DT_HALF',
  float32: 'DT_FLOAT',
  float64: 'DT_DOUBLE',
  int8: 'DT_INT8',
  int16: 'DT_INT16',
  int32: 'DT_INT32',
  int64: 'DT_INT64',
  uint8: 'DT_UINT8',
  uint16: 'DT_UINT16',
  uint32: 'DT_UINT32',
  uint64: 'DT_UINT64',
  bool: 'DT_BOOL',
  string: 'DT_STRING',
};

/** What a version takes and gives, as TF Serving's `GetModelMetadataResponse` says it. Sizes are strings, -1 where open. */
export function metadataOf({ parts }: ModelVersion): Record<string, unknown> {
  const { inputs, outputs } = parts.signature;
  const signature = {
    inputs: tensorsOf(inputs),
    outputs: tensorsOf(outputs),
    method_name: 'tensorflow/serving/predict',
  };
  return {
    model_spec: { name: parts.model, signature_name: '', version: parts.version },
    metadata: { signature_def: { signature_def: { [SIGNATURE_NAME]: signature } } },
  };
}

function tensorsOf(specs: readonly TensorSpec[]): Record<string, unknown> {
  return Object.fromEntries(
    specs.map(({ name, type, shape }) => [
      name,
      {
        dtype: DTYPES[type],
        tensor_shape: {
          dim: shape.map((size) =>
            typeof size === 'number' ? { size: String(size), name: '' } : { size: '-1', name: size ?? '' },
          ),
          unknown_rank: false,
        },
        name,
      },
    ]),
  );
}
