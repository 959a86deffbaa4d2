import { labelsOfNode } from './class-labels.js';
import { ModelError } from './model-error.js';
import {
  AttributeProto,
  FunctionProto,
  ModelProto,
  NodeProto,
  ValueInfoProto,
  type Graph,
  type Model,
  type Node,
  type ValueInfo,
} from './proto.js';

const FLOAT = 1;
/** The fields of `ModelProto` that hold its graph and its functions, and that of `FunctionProto` that holds its nodes. */
const GRAPH = 7;
const FUNCTION = 25;
const NODE = 7;

/** What becomes of a sequence: one tensor where its elements are of one shape, else an output for each. */
export type SequenceForm = 'stacked' | 'apart';

/** What was rewritten: `map` is only re-labelled; a `sequence` may hold tensors that cannot be stacked. */
export interface Rewriting {
  map: boolean;
  sequence: boolean;
}

/**
 * Turns outputs that are sequences or maps into the tensor they hold, under the same name: the runtime's Node binding cannot
 * fetch them. ZipMap (the default of scikit-learn, LightGBM and CatBoost exports) only re-labels a tensor `[N, classes]`;
 * SequenceConstruct of equal tensors `[N, classes]` becomes `[N, k, classes]`. Where they differ, as the probabilities of a
 * classifier of several targets may, `apart` gives each an output of its own: `<name>_0`, `<name>_1` and so on.
 */
export function rewriteOutputs(model: Model, form: SequenceForm = 'stacked'): Rewriting {
  const done: Rewriting = { map: false, sequence: false };
  const { graph } = model;
  if (!graph) return done;
  for (const output of [...(graph.output ?? [])]) {
    if (output.type?.tensorType || !output.name) continue;
    const producer = graph.node?.find((node) => node.output?.includes(output.name as string));
    if (!producer) continue;
    if (producer.opType === 'ZipMap') {
      const labels = labelsOfNode(producer);
      replace(graph, producer, { opType: 'Identity', input: producer.input, output: [output.name] });
      output.type = tensorType(FLOAT, [null, labels?.length ?? null]);
      done.map = true;
    } else if (producer.opType === 'SequenceConstruct') {
      if (form === 'stacked') stack(graph, producer, output, output.name);
      else putApart(graph, producer, output, output.name);
      done.sequence = true;
    }
  }
  return done;
}

function stack(graph: Graph, producer: Node, output: ValueInfo, name: string): void {
  producer.output = [`${name}/sequence`];
  graph.node?.push(
    NodeProto.create({
      opType: 'ConcatFromSequence',
      input: [`${name}/sequence`],
      output: [name],
      attribute: [
        { name: 'axis', type: AttributeProto.AttributeType.INT, i: 1 },
        { name: 'new_axis', type: AttributeProto.AttributeType.INT, i: 1 },
      ],
    }),
  );
  output.type = tensorType(elementTypeOf(output), [null, producer.input?.length ?? null, null]);
}

function putApart(graph: Graph, producer: Node, output: ValueInfo, name: string): void {
  const elements = producer.input ?? [];
  const type = elementTypeOf(output);
  const identities = elements.map((element, index) =>
    NodeProto.create({ opType: 'Identity', input: [element], output: [`${name}_${index}`] }),
  );
  graph.node?.splice(graph.node.indexOf(producer), 1, ...identities);
  const outputs = elements.map((_, index) =>
    ValueInfoProto.create({ name: `${name}_${index}`, type: tensorType(type, [null, null]) ?? null }),
  );
  graph.output?.splice(graph.output.indexOf(output), 1, ...outputs);
}

/** What the elements of a sequence are made of; floats where it does not say. */
function elementTypeOf({ type }: ValueInfo): number {
  return type?.sequenceType?.elemType?.tensorType?.elemType || FLOAT;
}

/** Takes the values away that inputs of these names have of their own, so that they must be given. */
export function freeInputs({ graph }: Model, names: readonly string[]): void {
  if (!graph) return;
  graph.initializer = graph.initializer?.filter(({ name }) => !names.includes(name ?? ''));
  graph.sparseInitializer = graph.sparseInitializer?.filter(
    ({ values }) => !names.includes(values?.name ?? ''),
  );
}

/**
 * The bytes of a model that was rewritten. All but its graph stays as it lies in `original`: a function may have what
 * `onnx-proto` is too old to know, such as the defaults of its attributes.
 * @param changed indices of the functions whose nodes were rewritten as well
 */
export function encodeModel(
  { graph, functions }: Model,
  original: Uint8Array,
  changed: ReadonlySet<number> = new Set(),
): Uint8Array {
  const fields = fieldsOf(original).filter(({ number }) => number !== GRAPH);
  let index = 0;
  return Buffer.concat([
    ...fields.map(({ number, bytes, value }) => {
      if (number !== FUNCTION) return bytes;
      const node = changed.has(index) ? functions[index]?.node : undefined;
      index++;
      return node ? withNodes(value, node) : bytes;
    }),
    ModelProto.encode(ModelProto.create({ graph: graph ?? null })).finish(),
  ]);
}

/** The field of a function, all of which but its nodes stays as it lies. */
function withNodes(original: Uint8Array, node: Node[]): Uint8Array {
  const body = Buffer.concat([
    ...fieldsOf(original).flatMap(({ number, bytes }) => (number === NODE ? [] : [bytes])),
    FunctionProto.encode(FunctionProto.create({ node })).finish(),
  ]);
  return Buffer.concat([varintOf(FUNCTION * 8 + 2), varintOf(body.length), body]);
}

/** A field of a message: its bytes, tag and all, and those of its value alone, where it has a length. */
interface Field {
  number: number;
  bytes: Uint8Array;
  value: Uint8Array;
}

/** @throws ModelError for what is no field of ONNX */
function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const from = at;
    const tag = varint(bytes, at);
    const value = varint(bytes, tag.end);
    const end = { 0: value.end, 1: tag.end + 8, 2: value.end + value.number, 5: tag.end + 4 }[tag.number % 8];
    if (end === undefined) throw new ModelError('The file has fields of a kind that ONNX does not use.');
    at = end;
    fields.push({
      number: Math.floor(tag.number / 8),
      bytes: bytes.subarray(from, at),
      value: bytes.subarray(value.end, at),
    });
  }
  return fields;
}

function varintOf(number: number): Uint8Array {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

function varint(bytes: Uint8Array, from: number): { number: number; end: number } {
  let [number, end] = [0, from];
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[end++] ?? 0;
    number += (byte % 128) * scale;
    if (byte < 128) return { number, end };
  }
}

function replace(
  graph: Graph,
  node: Node,
  by: { opType: string; input: Node['input']; output: string[] },
): void {
  graph.node?.splice(graph.node.indexOf(node), 1, NodeProto.create({ name: node.name, ...by }));
}

function tensorType(elemType: number, sizes: readonly (number | null)[]): ValueInfo['type'] {
  const dim = sizes.map((size) => (size === null ? {} : { dimValue: size }));
  return ValueInfoProto.create({ type: { tensorType: { elemType, shape: { dim } } } }).type;
}
