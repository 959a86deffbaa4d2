import {
  BOOL,
  DOUBLE,
  INT32,
  INT64,
  UNTOLD,
  isHarmless,
  noteOutputs,
  type Inner,
  type Scope,
} from './element-types.js';
import { ModelError } from './model-error.js';
import {
  AttributeProto,
  NodeProto,
  TensorProto,
  attribute,
  type Graph,
  type Model,
  type Node,
} from './proto.js';

/** Before it, operators broadcast by an attribute; the runtime divides nothing in those. */
const FIRST_OPSET = 7;
/** The first that has the operators that guard a division of any type. */
const ANY_TYPE_OPSET = 9;

/** Where there were divisions: whether in the graph, and the indices of the functions that had one. */
export interface Guarded {
  graph: boolean;
  functions: ReadonlySet<number>;
}

/**
 * Keeps whole-number divisions from ending the process. The processor stops a program that divides the least number of 32 or 64
 * bits by -1, since there is no such positive one, and the runtime does not look: what divides by values that it is given, or
 * computes, is made to divide by 1 there, and the other side is negated. For every other number the result is the same. What
 * the file tells no type of, as in functions, is guarded for whole numbers and floats alike.
 * @throws ModelError where there is a division that cannot be guarded
 */
export function guardDivisions(model: Model): Guarded {
  const calls = new Set(model.functions.map(({ domain, name }) => `${domain ?? ''}:${name ?? ''}`));
  const functions = new Set<number>();
  model.functions.forEach((one, index) => {
    const guard = new Guard(opsetOf(one.opsetImport), calls, `${index}/`);
    const types = new Map((one.input ?? []).map((name): [string, number] => [name, UNTOLD]));
    const body: Graph = { node: one.node };
    guard.graph(body, { types, harmless: new Set() }, []);
    if (guard.guarded === 0) return;
    one.node = body.node;
    functions.add(index);
  });
  const guard = new Guard(opsetOf(model.opsetImport), calls, '');
  if (model.graph) guard.graph(model.graph, { types: new Map(), harmless: new Set() }, []);
  return { graph: guard.guarded > 0, functions };
}

function opsetOf(imports: Model['opsetImport'] | null | undefined): number {
  return Number(imports?.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 0);
}

/** Guards the divisions of a graph, or of the body of a function. */
class Guard {
  guarded = 0;
  private named = 0;

  /** @param calls the functions of the model @param within sets its names apart from those of other guards */
  constructor(
    private readonly opset: number,
    private readonly calls: ReadonlySet<string>,
    private readonly within: string,
  ) {}

  /** @param given types of its inputs, where they do not tell theirs @returns what is known of its values */
  graph(graph: Graph, outer: Scope, given: readonly (number | undefined)[]): Scope {
    const scope: Scope = { types: new Map(outer.types), harmless: new Set(outer.harmless) };
    noteGraph(graph, scope, given);
    const nodes: Node[] = [];
    for (const node of graph.node ?? []) {
      const inner = this.inside(node, scope);
      noteOutputs(node, scope, inner, this.calls.has(`${node.domain ?? ''}:${node.opType ?? ''}`));
      const type = typeOfDivision(node, scope);
      if (type !== undefined && this.opset >= FIRST_OPSET) nodes.push(...this.before(node, type));
      nodes.push(node);
    }
    graph.node = nodes;
    return scope;
  }

  private inside(node: Node, scope: Scope): Inner[] {
    return (node.attribute ?? [])
      .flatMap(({ g, graphs }) => [g, ...(graphs ?? [])])
      .filter((inner) => !!inner)
      .map((inner) => ({
        scope: this.graph(inner, scope, typesGiven(node, scope, inner)),
        outputs: (inner.output ?? []).map(({ name }) => name ?? ''),
      }));
  }

  /** The nodes that go before a division, whose inputs become theirs. */
  private before(node: Node, type: number): Node[] {
    if (type === UNTOLD && this.opset < ANY_TYPE_OPSET) throw cannotBeGuarded();
    this.guarded++;
    const nodes: Node[] = [];
    const make: Make = (opType, input, more = []) => {
      const output = `oriel/division/${this.within}${this.named++}`; // which no graph has
      nodes.push(NodeProto.create({ opType, input, output: [output], attribute: more }));
      return output;
    };
    node.input = type === UNTOLD ? ofAnyType(node, make) : ofWholeNumbers(node, type, make);
    return nodes;
  }
}

function cannotBeGuarded(): ModelError {
  return new ModelError(
    'The model divides numbers whose type the file does not tell, in an opset before 9, where that could end the process; export it with a newer opset.',
  );
}

/** What a graph says of its own edges and constants. */
function noteGraph(graph: Graph, { types, harmless }: Scope, given: readonly (number | undefined)[]): void {
  (graph.input ?? []).forEach(({ name }, at) => {
    harmless.delete(name ?? ''); // an input may hide what is outside
    types.delete(name ?? '');
    const type = at < given.length ? given[at] : UNTOLD;
    if (type !== undefined) types.set(name ?? '', type);
  });
  for (const { name, type } of [...(graph.output ?? []), ...(graph.valueInfo ?? []), ...(graph.input ?? [])])
    if (type?.tensorType?.elemType) types.set(name ?? '', type.tensorType.elemType);
  const inputs = new Set((graph.input ?? []).map(({ name }) => name));
  for (const tensor of graph.initializer ?? []) {
    types.set(tensor.name ?? '', tensor.dataType ?? UNTOLD);
    if (!inputs.has(tensor.name) && isHarmless(tensor)) harmless.add(tensor.name ?? '');
  }
}

/** The types of what a node gives to the inputs of a graph in its attributes, as far as the operator says which goes where. */
function typesGiven(node: Node, { types }: Scope, { input }: Graph): readonly (number | undefined)[] {
  const own = (node.input ?? []).map((name) => types.get(name));
  if (node.opType === 'Loop') return [INT64, BOOL, ...own.slice(2)];
  return node.opType === 'Scan' ? own.slice(Math.max(0, own.length - (input?.length ?? 0))) : [];
}

/** @returns undefined for what is no division of whole numbers, or does no harm; `UNTOLD` for what may be one */
function typeOfDivision(node: Node, { types, harmless }: Scope): number | undefined {
  if (node.domain && node.domain !== 'ai.onnx') return undefined;
  if (node.opType !== 'Div' && node.opType !== 'Mod') return undefined;
  const [number = '', by = ''] = node.input ?? [];
  if (harmless.has(by)) return undefined;
  const both = [types.get(by), types.get(number)]; // which are of one type
  const whole = both.find((type) => type === INT32 || type === INT64);
  if (whole !== undefined) return whole;
  const others = both.some((type) => type !== UNTOLD) || Number(attribute(node, 'fmod')?.i ?? 0) === 1;
  return others ? undefined : UNTOLD;
}

/** Makes a node. @returns the name of what it gives */
type Make = (opType: string, input: string[], more?: Node['attribute']) => string;

function constantOf(make: Make, type: number, value: number): string {
  const field = { [INT32]: 'int32Data', [INT64]: 'int64Data', [DOUBLE]: 'doubleData' }[type] ?? '';
  const t = TensorProto.create({ dataType: type, dims: [], [field]: [value] });
  return make('Constant', [], [{ name: 'value', type: AttributeProto.AttributeType.TENSOR, t }]);
}

function cast(make: Make, value: string, type: number): string {
  return make('Cast', [value], [{ name: 'to', type: AttributeProto.AttributeType.INT, i: type }]);
}

function ofWholeNumbers(node: Node, type: number, make: Make): string[] {
  const [number = '', by = ''] = node.input ?? [];
  // 2 where the divisor is -1, else 0: -1 + 2 is 1, and a - 2a is -a.
  const is = make('Equal', [by, constantOf(make, type, -1)]);
  const two = make('Mul', [cast(make, is, type), constantOf(make, type, 2)]);
  const positive = make('Add', [by, two]);
  return [node.opType === 'Div' ? make('Sub', [number, make('Mul', [number, two])]) : number, positive];
}

/** By operators that floats have too, and for these with the same result to the last bit: both sides times the divisor where that is -1. */
function ofAnyType(node: Node, make: Make): string[] {
  const [number = '', by = ''] = node.input ?? [];
  const double = cast(make, by, DOUBLE);
  const minusOne = constantOf(make, DOUBLE, -1);
  const other = make('Or', [make('Less', [double, minusOne]), make('Greater', [double, minusOne])]);
  const times = (value: string): string => make('Where', [other, value, make('Mul', [value, by])]);
  return [node.opType === 'Div' ? times(number) : number, times(by)];
}
