import onnxProto from 'onnx-proto';
import type { ElementType, Signature, TensorSpec } from '../signature.js';

const { onnx } = onnxProto;
type ValueInfo = onnxProto.onnx.IValueInfoProto;

/** A file that is not a model we can serve; the message is a reason a person understands. */
export class ModelError extends Error {
  readonly code = 'model';
}

/** `TensorProto.DataType` of the ONNX specification. */
const ELEMENT_TYPES: Readonly<Record<number, ElementType>> = {
  1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 8: 'string', 9: 'bool', 10: 'float16',
  11: 'float64', 12: 'uint32', 13: 'uint64',
}; // prettier-ignore

/** Reads what a model file says of its edges and of itself. @throws ModelError */
export function readSignature(bytes: Uint8Array): Signature {
  const model = decode(bytes);
  const graph = model.graph;
  if (!graph) throw new ModelError('The file has no graph: it is empty or not an ONNX model.');
  const initialised = new Set([
    ...(graph.initializer ?? []).map((tensor) => tensor.name),
    ...(graph.sparseInitializer ?? []).map((tensor) => tensor.values?.name),
  ]);
  const inputs = (graph.input ?? []).filter((input) => !initialised.has(input.name)).map(toSpec);
  const outputs = (graph.output ?? []).map(toSpec);
  if (outputs.length === 0) throw new ModelError('The graph has no output.');
  return {
    inputs,
    outputs,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' ') || null,
    opset:
      Number(model.opsetImport.find((set) => !set.domain || set.domain === 'ai.onnx')?.version ?? 0) || null,
    description: model.docString || graph.docString || null,
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? ''])),
  };
}

function decode(bytes: Uint8Array): onnxProto.onnx.ModelProto {
  if (bytes.length === 0) throw new ModelError('The file is empty.');
  try {
    return onnx.ModelProto.decode(bytes);
  } catch {
    throw new ModelError('The file is not an ONNX model, or it is cut off.');
  }
}

function toSpec(info: ValueInfo): TensorSpec {
  const name = info.name ?? '';
  const tensor = info.type?.tensorType;
  if (!tensor) throw new ModelError(`"${name}" is not a tensor: sequences and maps cannot be served.`);
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
  return { name, type, shape };
}
