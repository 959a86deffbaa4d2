import { modelOf } from '../../../test/onnx.js';
import { decodeModel } from './graph.js';
import { guardDivisions } from './division.js';

const [FLOAT, INT32, INT64] = [1, 6, 7];

function guards(type: number, operator = 'Div', divisor?: number[]): boolean {
  const by = divisor === undefined;
  const model = modelOf({
    nodes: [[operator, ['x', 'd'], ['y']]],
    inputs: by
      ? [
          ['x', ['n'], type],
          ['d', ['n'], type],
        ]
      : [['x', ['n'], type]],
    outputs: [['y', ['n'], type]],
    initializer: by ? [] : [{ name: 'd', dataType: type, dims: [divisor.length], ...(type === INT64 ? { int64Data: divisor } : { int32Data: divisor }) }], // prettier-ignore
  });
  return guardDivisions(decodeModel(model)).graph;
}

test('whole numbers divided by what is given are guarded, in both sizes that processors divide', () => {
  expect([guards(INT64), guards(INT32), guards(INT64, 'Mod'), guards(INT32, 'Mod')]).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test('a graph that can do no harm stays as it is: of floats, or divided by constants without -1', () => {
  expect([guards(FLOAT), guards(INT64, 'Mul'), guards(INT64, 'Div', [2, 7]), guards(INT32, 'Mod', [10])]).toEqual([false, false, false, false]); // prettier-ignore
});

test('a constant with -1 is guarded', () => {
  expect([guards(INT64, 'Div', [2, -1]), guards(INT32, 'Div', [-1])]).toEqual([true, true]);
});
