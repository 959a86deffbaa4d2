import { OrielError } from '../../errors.js';
import { featuresOf } from '../features.js';
import type { RowOutputs } from '../batch-runner.js';
import type { FeatureConfig } from '../model-config.js';
import { RowEncoder, type EncodedRows } from '../row-encoder.js';
import type { Signature, TensorSpec } from '../signature.js';
import { layoutOf } from './layout.js';
import { csvTongue, jsonTongue, writeInvocation } from './mlflow/invocations.js';
import type { Reading, Tongue } from './interpreter.js';
import { writeOutputs, writePredictions } from './tfs/answer.js';
import { modelVersionStatus } from './tfs/status.js';
import { predictTongue } from './tfs/predict.js';

type Ask = (tongue: Tongue) => Reading;

function model(inputs: TensorSpec[], features?: FeatureConfig[]): Ask {
  const signature = { inputs, outputs: [] } as unknown as Signature;
  const named = featuresOf(signature, features);
  const encoder = new RowEncoder(named, signature);
  return (tongue) => tongue(layoutOf(signature, named), encoder);
}

function rowsOf(ask: Ask, tongue: Tongue): EncodedRows {
  return ask(tongue).rows;
}

function faultsOf(ask: Ask, tongue: Tongue): string[] {
  try {
    ask(tongue);
  } catch (error) {
    return (error as OrielError).faults.map(({ pointer, detail }) => `${pointer} ${detail}`);
  }
  return [];
}

const table = model(
  [{ name: 'x', type: 'float32', shape: ['N', 2] }],
  [{ name: 'p/q' }, { name: '__proto__' }],
);
const defaults = model(
  [{ name: 'x', type: 'float32', shape: ['N', 2] }],
  [
    { name: 'a', nullable: true },
    { name: 'b', default: 7 },
  ],
);
const images = model([{ name: 'image', type: 'uint8', shape: ['N', 2, 2] }]);
const texts = model([{ name: 'text', type: 'string', shape: ['N', 1] }]);

describe('rows in TF Serving’s forms', () => {
  test('names that JSON pointers and objects treat apart are features as any other', () => {
    const row = JSON.parse('{"p/q": 1, "__proto__": 2}') as object;
    const expected = [[1, 2]];
    expect(rowsOf(table, predictTongue({ instances: [row] })).values).toEqual(expected);
    expect(rowsOf(table, jsonTongue({ dataframe_records: [row] })).values).toEqual(expected);
    expect(
      rowsOf(table, jsonTongue({ dataframe_split: { columns: ['__proto__', 'p/q'], data: [[2, 1]] } }))
        .values,
    ).toEqual(expected);
    expect(rowsOf(table, predictTongue(JSON.parse('{"inputs":{"p/q":[1],"__proto__":[2]}}'))).values).toEqual(
      expected,
    );
    expect(faultsOf(table, predictTongue({ inputs: { 'p/q': ['x'] } }))).toEqual([
      '/inputs/__proto__ is missing',
      '/inputs/p~1q/0 must be a number',
    ]);
  });

  test('bytes are nested as their tensor is, whole or row by row', () => {
    const b64 = Buffer.from([1, 2, 3, 4]).toString('base64');
    const half = (at: number): object => ({ b64: Buffer.from([at, at + 1]).toString('base64') });
    for (const body of [
      { instances: [{ b64 }] },
      { instances: [{ image: { b64 } }] },
      { instances: [[half(1), half(3)]] },
      { inputs: { image: { b64 } } },
      { inputs: { b64 } },
    ]) {
      expect(rowsOf(images, predictTongue(body))).toMatchObject({ rows: 1, values: [[1, 2, 3, 4]] });
    }
    expect(faultsOf(images, predictTongue({ instances: [{ b64: 'AAE=' }, { b64: 5 }] }))).toEqual([
      '/instances/0/b64 holds 2 bytes, which do not fit the input',
      '/instances/1/b64 must be base64',
    ]);
  });

  test('base64 of a text must be UTF-8', () => {
    expect(rowsOf(texts, predictTongue({ instances: [{ b64: 'xbw' }, ['b']] })).values).toEqual([['ż', 'b']]);
    expect(faultsOf(texts, predictTongue({ instances: [{ b64: '/w==' }, { b64: 'a' }] }))).toEqual([
      '/instances/0/b64 must be the base64 of a text in UTF-8',
      '/instances/1/b64 must be base64',
    ]);
  });

  test('a missing feature takes its default in rows and in columns', () => {
    expect(rowsOf(defaults, predictTongue({ instances: [{ a: 1 }] })).values).toEqual([[1, 7]]);
    expect(rowsOf(defaults, predictTongue({ inputs: { a: [1, 2] } })).values).toEqual([[1, 7, 2, 7]]);
  });

  test('the whole table is given alone', () => {
    expect(faultsOf(defaults, predictTongue({ instances: [{ x: [1, 2], a: 1 }] }))).toEqual([
      '/instances/0/a cannot be given beside the input x',
    ]);
    expect(faultsOf(defaults, predictTongue({ inputs: { x: [[1, 2], [1]], a: [1] } }))).toEqual([
      '/inputs/a cannot be given beside the input x',
      '/inputs/x/1 must be an array of 2',
    ]);
  });
});

describe('rows in MLflow’s CSV', () => {
  test('an empty field is the default, else null', () => {
    expect(rowsOf(defaults, csvTongue('a,b\n,\n1,2\n')).values).toEqual([[NaN, 7, 1, 2]]);
    expect(rowsOf(defaults, csvTongue('a\n nan\n-inf\n')).values).toEqual([[NaN, 7, -Infinity, 7]]);
  });

  test('a header alone is no rows', () => {
    expect(rowsOf(defaults, csvTongue('a,b\n')).rows).toBe(0);
    expect(faultsOf(defaults, csvTongue(',a,a\n'))).toEqual([
      '/ is not a feature of this model',
      '/a is named twice in the header',
    ]);
  });
});

describe('answers', () => {
  const result: RowOutputs = {
    rows: 2,
    outputs: [{ name: 'y', type: 'float64', dims: [2, 1], data: Float64Array.of(1, NaN) }],
    batch: 2,
    queue: 0,
    run: 0,
  };
  const labels = { name: 'l', type: 'int64' as const, dims: [2], data: BigInt64Array.of(1n, 2n ** 60n) };

  test('keep the shape of a row in TF Serving’s form, and flatten one value in MLflow’s', () => {
    expect(writePredictions(result)).toBe('{"predictions":[[1],["NaN"]]}');
    expect(writeOutputs(result, false)).toBe('{"outputs":[[1],["NaN"]]}');
    expect(writeInvocation(result, false)).toBe('{"predictions":[1,"NaN"]}');
  });

  test('name several outputs', () => {
    const several = { ...result, outputs: [labels, ...result.outputs] };
    const rows = '[{"l":1,"y":1},{"l":"1152921504606846976","y":"NaN"}]';
    expect(writeInvocation(several, false)).toBe(`{"predictions":${rows}}`);
    expect(writeOutputs(several, false)).toBe(
      '{"outputs":{"l":[1,"1152921504606846976"],"y":[[1],["NaN"]]}}',
    );
  });
});

test('a version that failed has come to its end, with the reason', () => {
  expect(modelVersionStatus({ version: '1', state: 'failed', reason: 'The file is empty.' })).toEqual({
    version: '1',
    state: 'END',
    status: { error_code: 'INVALID_ARGUMENT', error_message: 'The file is empty.' },
  });
  expect(modelVersionStatus({ version: '1', state: 'loading' })).toMatchObject({ state: 'LOADING' });
});
