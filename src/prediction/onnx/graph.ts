import type { ElementType, Signature, TensorSpec } from '../signature.js';
import { findClassLabels, probabilityOutput } from './class-labels.js';
import { imputedColumns } from './imputation.js';
import { ModelError } from './model-error.js';
import { ModelProto, type Model, type ValueInfo } from './proto.js';
import { isRandom } from './randomness.js';

/** `TensorProto.DataType` of the ONNX specification. */
const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 8: 'string', 9: 'bool', 10: 'float16',
  11: 'float64', 12: 'uint32', 13: 'uint64',
}; // prettier-ignore
const BFLOAT16 = 16;
/** Most elements a dimension or a row can have and still be a tensor of this world. */
const MAX_ELEMENTS = 2 ** 31;

/** Reads the protobuf of a model file. @throws ModelError */
export function decodeModel(bytes: Uint8Array): Model {
  if (bytes.length === 0) throw new ModelError('The file is empty.');
  try {
    const model = ModelProto.decode(bytes);
    if (model.graph) return model;
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message)) throw error; // nested too deeply, not damaged
    throw new ModelError('The file is not an ONNX model, or it is cut off.');
  }
  throw new ModelError('The file is not an ONNX model: it has no graph.');
}

/**
 * What a (rewritten) model says of its edges and of itself.
 * @param labels those found before the rewriting
 * @param mostColumns most inputs and outputs, and most columns of a table: each gets a name, a check and a place in the documents
 * @throws ModelError
 */
export function readSignature(
  model: Model,
  labels: readonly string[] | null,
  mostColumns = Infinity,
): Signature {
  const graph = model.graph ?? {};
  checkWidth((graph.input ?? []).length + (graph.output ?? []).length, 'inputs and outputs', mostColumns);
  const initialised = new Set([
    ...(graph.initializer ?? []).map((tensor) => tensor.name),
    ...(graph.sparseInitializer ?? []).map((tensor) => tensor.values?.name),
  ]);
  const inputs = (graph.input ?? []).map((input) => toSpec(input, initialised.has(input.name)));
  const outputs = (graph.output ?? []).map((output) => toSpec(output, false));
  if (outputs.length === 0) throw new ModelError('The graph has no output.');
  const required = inputs.filter(({ optional }) => !optional).map(({ spec }) => spec);
  const [only, ...more] = required;
  const width = only?.shape.length === 2 && more.length === 0 ? only.shape[1] : 0;
  if (typeof width === 'number') checkWidth(width, 'columns', mostColumns);
  return {
    inputs: required,
    optionalInputs: inputs.filter(({ optional }) => optional).map(({ spec }) => spec),
    outputs: outputs.map(({ spec }) => spec),
    classes: labels,
    probabilities: probabilityOutput(
      outputs.map(({ spec }) => spec),
      labels,
    ),
    imputed: imputedColumns(graph, required),
    random: isRandom(model),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' ') || null,
    opset:
      Number(model.opsetImport.find((set) => !set.domain || set.domain === 'ai.onnx')?.version ?? 0) || null,
    description: model.docString || graph.docString || null,
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? ''])),
  };
}

/** The class labels of a model as it comes from its file. */
export function labelsOf(model: Model): readonly string[] | null {
  return model.graph ? findClassLabels(model.graph) : null;
}

function checkWidth(count: number, what: string, most: number): void {
  if (count > most)
    throw new ModelError(`The model has ${count} ${what}, more than ${most} (ORIEL_MODEL_COLUMNS).`);
}

function toSpec(info: ValueInfo, optional: boolean): { spec: TensorSpec; optional: boolean } {
  const name = info.name ?? '';
  const tensor = info.type?.tensorType;
  if (!tensor)
    throw new ModelError(`"${name}" is a sequence, a map or optional; only tensors can be served.`);
  if (tensor.elemType === BFLOAT16)
    throw new ModelError(`"${name}" is of the type bfloat16, which cannot be served at a model's edge.`);
  const type = ELEMENT_TYPES[tensor.elemType ?? 0];
  if (!type)
    throw new ModelError(
      `"${name}" has an element type that cannot be served (ONNX type ${tensor.elemType ?? 0}).`,
    );
  const shape = (tensor.shape?.dim ?? []).map((dim) => {
    if (dim.dimParam) return dim.dimParam;
    const size = dim.dimValue === null || dim.dimValue === undefined ? null : Number(dim.dimValue);
    return size === null || size < 0 ? null : size;
  });
  const elements = shape.reduce<number>(
    (product, size) => product * (typeof size === 'number' ? size : 1),
    1,
  );
  if (elements > MAX_ELEMENTS)
    throw new ModelError(`"${name}" has an impossible size (${shape.join(' × ')}).`);
  return { spec: { name, type, shape }, optional };
}
