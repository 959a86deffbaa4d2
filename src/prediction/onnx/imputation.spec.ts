import { AttributeProto, type Graph, type Node } from './proto.js';
import type { TensorSpec } from '../signature.js';
import { imputedColumns } from './imputation.js';

const X: TensorSpec = { name: 'x', type: 'float32', shape: ['n', 3] };
const A: TensorSpec = { name: 'a', type: 'float32', shape: ['n', 1] };
const B: TensorSpec = { name: 'b', type: 'float32', shape: ['n', 1] };

const node = (opType: string, input: string[], output: string, attribute: Node['attribute'] = []): Node => ({
  opType,
  input,
  output: [output],
  attribute,
});
const imputer = (input: string, output: string, replaced = NaN): Node =>
  node('Imputer', [input], output, [{ name: 'replaced_value_float', f: replaced }]);
const pick = (input: string, columns: string, output: string): Node =>
  node('ArrayFeatureExtractor', [input, columns], output);
const concat = (inputs: string[], output: string): Node =>
  node('Concat', inputs, output, [{ name: 'axis', type: AttributeProto.AttributeType.INT, i: 1 }]);
const constant = (name: string, ...values: number[]): NonNullable<Graph['initializer']>[number] => ({
  name,
  dataType: 7,
  int64Data: values,
});
const graph = (nodes: Node[], ...initializer: NonNullable<Graph['initializer']>): Graph => ({
  node: nodes,
  initializer,
  output: [{ name: 'y' }],
});

describe('imputedColumns', () => {
  it('are those that go into an Imputer, directly or moved about', () => {
    expect(imputedColumns(graph([imputer('x', 'y')]), [X])).toEqual([[0, 1, 2]]);
    const moved = [node('Cast', ['x'], 'c'), pick('c', 'two', 'p'), imputer('p', 'y')];
    expect(imputedColumns(graph(moved, constant('two', 2, 0)), [X])).toEqual([[0, 2]]);
    const joined = [concat(['a', 'b'], 'ab'), imputer('ab', 'y')];
    expect(imputedColumns(graph(joined), [A, B])).toEqual([[0], [0]]);
  });

  it('are not those that are used as they are, too', () => {
    const beside = [imputer('x', 'full'), pick('x', 'one', 'p'), node('Add', ['full', 'p'], 'y')];
    expect(imputedColumns(graph(beside, constant('one', 1)), [X])).toEqual([[0, 2]]);
    expect(imputedColumns(graph([imputer('x', 'full'), node('Identity', ['x'], 'y')]), [X])).toEqual([[]]);
  });

  it('are none where something else than NaN is replaced, where there is no Imputer, and of what is no table of floats', () => {
    expect(imputedColumns(graph([imputer('x', 'y', -1)]), [X])).toEqual([[]]);
    expect(imputedColumns(graph([node('Relu', ['x'], 'y')]), [X])).toEqual([[]]);
    expect(imputedColumns(graph([imputer('x', 'y')]), [{ ...X, type: 'int64' }])).toEqual([[]]);
    expect(imputedColumns(graph([imputer('x', 'y')]), [{ ...X, shape: ['n', 'm'] }])).toEqual([[]]);
  });

  it('are none where a part of the graph may use them', () => {
    const loop = node('If', ['c'], 'y', [{ name: 'then_branch', g: { node: [] } }]);
    expect(imputedColumns(graph([imputer('x', 'full'), loop]), [X])).toEqual([[]]);
  });
});
