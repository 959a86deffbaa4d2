import { textsOf, type Graph, type Node, type Tensor } from './proto.js';
import type { TensorSpec } from '../signature.js';

const STRING = 8;
const INT64 = 7;
const INT32 = 6;

/**
 * The labels of a classifier's classes, in the order of its probabilities' columns: as ZipMap or a classifier operator of
 * `ai.onnx.ml` has them, else as the constant from which the label is picked. Null where the graph tells none.
 */
export function findClassLabels(graph: Graph): string[] | null {
  const nodes = graph.node ?? [];
  const zipMap = nodes.find((node) => node.opType === 'ZipMap');
  const last = zipMap ?? nodes.findLast((node) => /Classifier$/.test(node.opType ?? ''));
  const told = last && labelsOfNode(last);
  if (told) return told;
  const picked = nodes
    .filter((node) => node.opType === 'ArrayFeatureExtractor')
    .map((node) => node.input?.[0]);
  const constant = (graph.initializer ?? []).find(
    (tensor) => picked.includes(tensor.name ?? '') && /class/i.test(tensor.name ?? ''),
  );
  return constant ? textsOfTensor(constant) : null;
}

/** The labels that a ZipMap or a classifier operator gives to the columns of its tensor. */
export function labelsOfNode(node: Node): string[] | undefined {
  return (
    textsOf(node, 'classlabels_strings', 'classlabels_int64s') ??
    textsOf(node, 'classlabels_strings', 'classlabels_ints')
  );
}

/** Which output holds the probabilities of the classes: a table of floats with one column a label, after a label output. */
export function probabilityOutput(
  outputs: readonly TensorSpec[],
  labels: readonly string[] | null,
): number | null {
  const [label] = outputs;
  if (!labels || !label || !['int64', 'int32', 'string', 'bool'].includes(label.type)) return null;
  if (label.shape.length > 1 && label.shape[1] !== 1) return null;
  const index = outputs.findIndex(
    ({ type, shape }, at) =>
      at > 0 &&
      type.startsWith('float') &&
      shape.length === 2 &&
      (typeof shape[1] !== 'number' || shape[1] === labels.length),
  );
  return index < 0 ? null : index;
}

function textsOfTensor(tensor: Tensor): string[] | null {
  if (tensor.dataType === STRING)
    return (tensor.stringData ?? []).map((bytes) => Buffer.from(bytes).toString());
  const raw = tensor.rawData && tensor.rawData.length > 0 ? Buffer.from(tensor.rawData) : undefined;
  if (tensor.dataType === INT64) {
    if (!raw) return (tensor.int64Data ?? []).map(String);
    return Array.from({ length: raw.length / 8 }, (_, i) => String(raw.readBigInt64LE(i * 8)));
  }
  if (tensor.dataType === INT32) {
    if (!raw) return (tensor.int32Data ?? []).map(String);
    return Array.from({ length: raw.length / 4 }, (_, i) => String(raw.readInt32LE(i * 4)));
  }
  return null;
}
