import type { Graph, Model } from './proto.js';

const RANDOM = new Set([
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
]);

/**
 * Whether the same input may be answered differently another time: a random operator without a use that is switched off,
 * anywhere in the graph, in its subgraphs or in the model's functions. Dropout is random only when told to train.
 */
export function isRandom(model: Model): boolean {
  return graphIsRandom(model.graph ?? {}) || model.functions.some((one) => graphIsRandom({ node: one.node }));
}

function graphIsRandom(graph: Graph): boolean {
  return (graph.node ?? []).some((node) => {
    if (RANDOM.has(node.opType ?? '') && isStandard(node.domain)) return true;
    if (node.opType === 'Dropout' && isStandard(node.domain) && Boolean(node.input?.[2])) return true;
    return (node.attribute ?? []).some(
      (one) => (one.g ? graphIsRandom(one.g) : false) || (one.graphs ?? []).some(graphIsRandom),
    );
  });
}

function isStandard(domain: string | null | undefined): boolean {
  return !domain || domain === 'ai.onnx';
}
