/** Small ONNX models, made by hand: what a test needs a graph for. */
import { AttributeProto, ModelProto } from '../src/prediction/onnx/proto.js';

export type Edge = readonly [name: string, sizes: readonly (number | string)[], type?: number];
export type NodeOf = readonly [
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  more?: object,
];

/** `TensorProto.DataType` */
export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

/** An input or an output of a graph. */
export function edge([name, sizes, elemType = FLOAT]: Edge): object {
  const dim = sizes.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

export interface GraphOf {
  nodes: readonly NodeOf[];
  inputs?: readonly Edge[];
  outputs?: readonly Edge[];
  initializer?: readonly object[];
  sparse?: readonly object[];
}

/** A graph; unless it says otherwise it takes x `[n, 2]` and gives y of the same shape. */
export function graphOf({ nodes, inputs, outputs, initializer, sparse }: GraphOf): object {
  return {
    name: 'graph',
    node: nodes.map(([opType, input, output, more]) => ({ opType, input, output, ...more })),
    initializer: initializer ?? [],
    sparseInitializer: sparse ?? [],
    input: (inputs ?? [['x', ['n', 2]]]).map(edge),
    output: (outputs ?? [['y', ['n', 2]]]).map(edge),
  };
}

export function modelOf(graph: GraphOf, opset = 17): Uint8Array {
  const whole = { irVersion: 8, opsetImport: [{ domain: '', version: opset }], graph: graphOf(graph) };
  return ModelProto.encode(ModelProto.create(whole)).finish();
}

/** An attribute that is a graph. */
export function subgraph(name: string, graph: GraphOf): object {
  return { name, type: AttributeProto.AttributeType.GRAPH, g: graphOf(graph) };
}

/** y = x, after a loop that is not over in the life of anyone. */
export function endless(): Uint8Array {
  const body = subgraph('body', {
    nodes: [
      ['Identity', ['going'], ['on']],
      ['Sin', ['in'], ['out']],
    ],
    inputs: [
      ['turn', [], INT64],
      ['going', [], BOOL],
      ['in', ['n', 2]],
    ],
    outputs: [
      ['on', [], BOOL],
      ['out', ['n', 2]],
    ],
  });
  return modelOf({
    nodes: [['Loop', ['turns', 'yes', 'x'], ['y'], { attribute: [body] }]],
    initializer: [
      { name: 'turns', dataType: INT64, dims: [], int64Data: ['9223372036854775807'] },
      { name: 'yes', dataType: BOOL, dims: [], int32Data: [1] },
    ],
  });
}

/** Adds so many ones, which are made as the model is loaded, to x. */
export function filled(elements: number): Uint8Array {
  const value = { dataType: FLOAT, dims: [1], floatData: [1] };
  return modelOf({
    nodes: [
      [
        'ConstantOfShape',
        ['size'],
        ['ones'],
        { attribute: [{ name: 'value', type: AttributeProto.AttributeType.TENSOR, t: value }] },
      ],
      ['ReduceSum', ['ones'], ['sum'], { attribute: [{ name: 'keepdims', type: 2, i: 0 }] }],
      ['Add', ['x', 'sum'], ['y']],
    ],
    initializer: [{ name: 'size', dataType: INT64, dims: [1], int64Data: [elements] }],
  });
}
