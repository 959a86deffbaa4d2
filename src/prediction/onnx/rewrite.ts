import { labelsOfNode } from './class-labels.js';
import {
  AttributeProto,
  ModelProto,
  NodeProto,
  ValueInfoProto,
  type Graph,
  type Model,
  type Node,
  type ValueInfo,
} from './proto.js';

const FLOAT = 1;

/**
 * Turns outputs that are sequences or maps into the tensor they hold, under the same name: the runtime's Node binding cannot
 * fetch them. ZipMap (the default of scikit-learn, LightGBM and CatBoost exports) only re-labels a tensor `[N, classes]`;
 * SequenceConstruct of equal tensors `[N, classes]` becomes `[N, k, classes]`.
 * @returns whether something was changed
 */
export function rewriteOutputs(model: Model): boolean {
  const { graph } = model;
  if (!graph) return false;
  let changed = false;
  for (const output of graph.output ?? []) {
    if (output.type?.tensorType || !output.name) continue;
    const producer = graph.node?.find((node) => node.output?.includes(output.name as string));
    if (!producer) continue;
    if (producer.opType === 'ZipMap') {
      const labels = labelsOfNode(producer);
      replace(graph, producer, { opType: 'Identity', input: producer.input, output: [output.name] });
      output.type = tensorType([null, labels?.length ?? null]);
      changed = true;
    } else if (producer.opType === 'SequenceConstruct') {
      const stack = {
        opType: 'ConcatFromSequence',
        input: [`${output.name}/sequence`],
        output: [output.name],
      };
      producer.output = [`${output.name}/sequence`];
      graph.node?.push(
        NodeProto.create({
          ...stack,
          attribute: [
            { name: 'axis', type: AttributeProto.AttributeType.INT, i: 1 },
            { name: 'new_axis', type: AttributeProto.AttributeType.INT, i: 1 },
          ],
        }),
      );
      output.type = tensorType([null, producer.input?.length ?? null, null]);
      changed = true;
    }
  }
  return changed;
}

/** Takes the values away that inputs of these names have of their own, so that they must be given. */
export function freeInputs({ graph }: Model, names: readonly string[]): void {
  if (!graph) return;
  graph.initializer = graph.initializer?.filter(({ name }) => !names.includes(name ?? ''));
  graph.sparseInitializer = graph.sparseInitializer?.filter(
    ({ values }) => !names.includes(values?.name ?? ''),
  );
}

/** The bytes of a model that was rewritten. */
export function encodeModel(model: Model): Uint8Array {
  return ModelProto.encode(model).finish();
}

function replace(
  graph: Graph,
  node: Node,
  by: { opType: string; input: Node['input']; output: string[] },
): void {
  graph.node?.splice(graph.node.indexOf(node), 1, NodeProto.create({ name: node.name, ...by }));
}

function tensorType(sizes: readonly (number | null)[]): ValueInfo['type'] {
  const dim = sizes.map((size) => (size === null ? {} : { dimValue: size }));
  return ValueInfoProto.create({ type: { tensorType: { elemType: FLOAT, shape: { dim } } } }).type;
}
