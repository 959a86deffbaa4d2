import {
  AttributeProto,
  NodeProto,
  TensorProto,
  attribute,
  type Graph,
  type Model,
  type Node,
  type Tensor,
} from './proto.js';

const INT32 = 6;
const INT64 = 7;
const FLOAT = 1;
const BOOL = 9;
const EXTERNAL = TensorProto.DataLocation.EXTERNAL;
/** Before it, operators broadcast by an attribute. */
const FIRST_OPSET = 7;

const COUNTS = new Set(['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero']);
const COMPARES = new Set([
  'Equal',
  'Greater',
  'Less',
  'GreaterOrEqual',
  'LessOrEqual',
  'And',
  'Or',
  'Not',
  'Xor',
  'IsNaN',
  'IsInf',
]);
/** Operators whose first output has the type of their first input. */
const KEEPS = new Set([
  'Identity', 'Add', 'Sub', 'Mul', 'Div', 'Mod', 'Neg', 'Abs', 'Sign', 'Min', 'Max', 'Sum', 'Pow', 'Clip', 'Relu', 'CumSum', 'BitShift', 'BitwiseAnd',
  'BitwiseOr', 'BitwiseXor', 'BitwiseNot', 'Gather', 'GatherElements', 'GatherND', 'ArrayFeatureExtractor', 'ScatterElements', 'ScatterND', 'Scatter',
  'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Concat', 'Split', 'Expand', 'Tile', 'Flatten', 'Pad', 'Range', 'TopK', 'Unique', 'Compress',
  'Trilu', 'ReverseSequence', 'MatMul', 'Gemm', 'Einsum', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceMean', 'ReduceL1', 'ReduceSumSquare',
]); // prettier-ignore

/** Of the values that a graph sees: their types by name, and which are constants without -1. */
interface Scope {
  types: Map<string, number>;
  harmless: Set<string>;
}

/**
 * Keeps whole-number divisions from ending the process. The processor stops a program that divides the least number of 32 or 64
 * bits by -1, since there is no such positive one, and the runtime does not look: what divides by values that it is given, or
 * computes, is made to divide by 1 there, and the other side is negated. For every other number the result is the same.
 * @returns whether there was such a division
 */
export function guardDivisions(model: Model): boolean {
  const standard = model.opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx');
  if (!model.graph || Number(standard?.version ?? 0) < FIRST_OPSET) return false;
  const names = new Names();
  guardGraph(model.graph, { types: new Map(), harmless: new Set() }, names);
  return names.given > 0;
}

/** Names that no graph has. */
class Names {
  given = 0;

  next(): string {
    return `oriel/division/${this.given++}`;
  }
}

function guardGraph(graph: Graph, outer: Scope, names: Names): void {
  const scope: Scope = { types: new Map(outer.types), harmless: new Set(outer.harmless) };
  for (const { name, type } of [...(graph.valueInfo ?? []), ...(graph.input ?? [])]) {
    if (type?.tensorType?.elemType) scope.types.set(name ?? '', type.tensorType.elemType);
    scope.harmless.delete(name ?? ''); // an input may hide what is outside
  }
  const inputs = new Set((graph.input ?? []).map(({ name }) => name));
  for (const tensor of graph.initializer ?? []) {
    scope.types.set(tensor.name ?? '', tensor.dataType ?? 0);
    if (!inputs.has(tensor.name) && isHarmless(tensor)) scope.harmless.add(tensor.name ?? '');
  }
  const nodes: Node[] = [];
  for (const node of graph.node ?? []) {
    for (const part of node.attribute ?? [])
      for (const inner of [part.g, ...(part.graphs ?? [])]) if (inner) guardGraph(inner, scope, names);
    noteOutput(node, scope);
    nodes.push(...(divides(node, scope) ? guarded(node, scope, names) : []), node);
  }
  graph.node = nodes;
}

/** Whether a constant of whole numbers has no -1. */
function isHarmless(tensor: Tensor): boolean {
  const raw = Buffer.from(tensor.rawData ?? []);
  if (tensor.dataLocation === EXTERNAL) return false;
  if (tensor.dataType === INT64)
    return raw.length > 0
      ? !Array.from({ length: Math.floor(raw.length / 8) }, (_, at) => raw.readBigInt64LE(at * 8)).includes(
          -1n,
        )
      : !(tensor.int64Data ?? []).some((value) => Number(value) === -1);
  if (tensor.dataType === INT32)
    return raw.length > 0
      ? !Array.from({ length: Math.floor(raw.length / 4) }, (_, at) => raw.readInt32LE(at * 4)).includes(-1)
      : !(tensor.int32Data ?? []).includes(-1);
  return true;
}

function noteOutput(node: Node, { types, harmless }: Scope): void {
  const [first = '', second = ''] = node.output ?? [];
  const [one = '', two = ''] = node.input ?? [];
  const operator = node.opType ?? '';
  const note = (type: number | undefined): void => {
    if (type) types.set(first, type);
  };
  if (operator === 'Constant') {
    const value = attribute(node, 'value')?.t;
    note(
      value
        ? (value.dataType ?? undefined)
        : attribute(node, 'value_int') || attribute(node, 'value_ints')
          ? INT64
          : undefined,
    );
    if (value && isHarmless(value)) harmless.add(first);
  } else if (operator === 'Cast') note(Number(attribute(node, 'to')?.i ?? 0));
  else if (operator === 'ConstantOfShape') note(attribute(node, 'value')?.t?.dataType ?? FLOAT);
  else if (operator === 'CastLike' || operator === 'Where') note(types.get(two));
  else if (COUNTS.has(operator)) note(INT64);
  else if (COMPARES.has(operator)) note(BOOL);
  else if (KEEPS.has(operator)) {
    note(types.get(one));
    if (operator === 'Split')
      for (const name of node.output ?? []) if (types.has(one)) types.set(name, types.get(one) ?? 0);
    if (operator === 'TopK') types.set(second, INT64);
  } else if (operator === 'If') noteBranches(node, types);
}

function noteBranches(node: Node, types: Map<string, number>): void {
  (attribute(node, 'then_branch')?.g?.output ?? []).forEach(({ type }, at) => {
    if (type?.tensorType?.elemType) types.set(node.output?.[at] ?? '', type.tensorType.elemType);
  });
}

function divides(node: Node, { types, harmless }: Scope): boolean {
  if (node.domain && node.domain !== 'ai.onnx') return false;
  if (node.opType !== 'Div' && node.opType !== 'Mod') return false;
  const [number = '', by = ''] = node.input ?? [];
  const type = types.get(by) ?? types.get(number); // both are of one type
  return (type === INT32 || type === INT64) && !harmless.has(by);
}

/** The nodes that go before a division, whose inputs become theirs. */
function guarded(node: Node, { types }: Scope, names: Names): Node[] {
  const [number = '', by = ''] = node.input ?? [];
  const type = types.get(by) ?? types.get(number) ?? INT64;
  const nodes: Node[] = [];
  const made = (opType: string, input: string[], more: Node['attribute'] = []): string => {
    const output = names.next();
    nodes.push(NodeProto.create({ opType, input, output: [output], attribute: more }));
    return output;
  };
  const constant = (value: number): string => {
    const t = TensorProto.create({
      dataType: type,
      dims: [],
      ...(type === INT64 ? { int64Data: [value] } : { int32Data: [value] }),
    });
    return made('Constant', [], [{ name: 'value', type: AttributeProto.AttributeType.TENSOR, t }]);
  };
  // 2 where the divisor is -1, else 0: -1 + 2 is 1, and a - 2a is -a.
  const is = made('Equal', [by, constant(-1)]);
  const bit = made('Cast', [is], [{ name: 'to', type: AttributeProto.AttributeType.INT, i: type }]);
  const two = made('Mul', [bit, constant(2)]);
  const positive = made('Add', [by, two]);
  const negated = node.opType === 'Div' ? made('Sub', [number, made('Mul', [number, two])]) : number;
  node.input = [negated, positive];
  return nodes;
}
