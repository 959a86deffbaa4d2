import { TensorProto, attribute, type Node, type Tensor } from './proto.js';

/** `TensorProto.DataType` of the ONNX specification. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
export const DOUBLE = 11;
/** Of a value whose type the file does not tell: it may be whole numbers. */
export const UNTOLD = 0;
const EXTERNAL = TensorProto.DataLocation.EXTERNAL;

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
  'Trilu', 'ReverseSequence', 'Resize', 'Upsample', 'GridSample', 'DepthToSpace', 'SpaceToDepth', 'CenterCropPad', 'Col2Im', 'Shrink', 'PRelu', 'Mean',
  'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'Imputer', 'Binarizer', 'EyeLike', 'Bernoulli', 'MatMul', 'Gemm', 'Einsum', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceMean', 'ReduceL1', 'ReduceSumSquare',
]); // prettier-ignore
/** Operators that may give whole numbers, for all that is known here. Those in no list give floats, or so few bits that it does not matter. */
const MAYBE_WHOLE = new Set([
  'SequenceAt', 'SequenceMap', 'Optional', 'OptionalGetElement', 'OneHot', 'Multinomial', 'NonMaxSuppression', 'MaxPool', 'MatMulInteger', 'ConvInteger',
  'StringSplit', 'BitCast', 'LabelEncoder', 'CategoryMapper', 'DictVectorizer', 'CastMap', 'TreeEnsembleClassifier', 'LinearClassifier', 'SVMClassifier',
]); // prettier-ignore
const STANDARD = new Set(['', 'ai.onnx', 'ai.onnx.ml']);

/** Of the values that a graph sees: their types by name, and which are constants without -1. What has no type there is of floats. */
export interface Scope {
  types: Map<string, number>;
  harmless: Set<string>;
}

/** A graph that a node has in an attribute, and the names of what it gives. */
export interface Inner {
  scope: Scope;
  outputs: readonly string[];
}

/** Whether a constant of whole numbers has no -1. */
export function isHarmless(tensor: Tensor): boolean {
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

/** Notes the type of an output by its place. One that the file tells stays. */
type Note = (type: number | undefined, at?: number) => void;

/**
 * Notes the types of what a node gives.
 * @param inner the graphs in its attributes @param calls whether it calls a function of the model
 */
export function noteOutputs(node: Node, scope: Scope, inner: readonly Inner[], calls: boolean): void {
  const operator = node.opType ?? '';
  const note: Note = (type, at = 0) => {
    const name = node.output?.[at];
    if (name && type !== undefined && (type !== UNTOLD || !scope.types.has(name)))
      scope.types.set(name, type);
  };
  const every = (noteOne: (at: number) => void): void => node.output?.forEach((_, at) => noteOne(at));
  if (calls || !STANDARD.has(node.domain ?? '') || MAYBE_WHOLE.has(operator)) every((at) => note(UNTOLD, at));
  else if (inner.length > 0) {
    // A loop's body says first whether it goes on.
    const from = operator === 'Loop' ? 1 : 0;
    every((at) => {
      for (const one of inner) note(one.scope.types.get(one.outputs[at + from] ?? ''), at);
    });
  } else noteKnown(node, scope, note, every);
}

function noteKnown(
  node: Node,
  { types, harmless }: Scope,
  note: Note,
  every: (noteOne: (at: number) => void) => void,
): void {
  const [one = '', two = ''] = node.input ?? [];
  const operator = node.opType ?? '';
  if (operator === 'Constant') {
    const value = attribute(node, 'value')?.t;
    note(value ? (value.dataType ?? UNTOLD) : typeOfConstant(node));
    if (value && isHarmless(value)) harmless.add(node.output?.[0] ?? '');
  } else if (operator === 'Cast') note(Number(attribute(node, 'to')?.i ?? UNTOLD));
  else if (operator === 'ConstantOfShape') note(attribute(node, 'value')?.t?.dataType ?? FLOAT);
  else if (operator === 'CastLike' || operator === 'Where') note(types.get(two));
  else if (COUNTS.has(operator)) note(INT64);
  else if (COMPARES.has(operator)) note(BOOL);
  else if (KEEPS.has(operator)) {
    const told = Number(attribute(node, 'dtype')?.i ?? UNTOLD);
    if (operator === 'Split') every((at) => note(types.get(one), at));
    else note(told || types.get(one));
    if (operator === 'TopK') note(INT64, 1);
  }
}

/** Of a constant that is no tensor; one that an attribute of its function gives tells nothing. */
function typeOfConstant(node: Node): number | undefined {
  if (attribute(node, 'value_int') || attribute(node, 'value_ints')) return INT64;
  return attribute(node, 'value') || attribute(node, 'sparse_value') ? UNTOLD : undefined;
}
