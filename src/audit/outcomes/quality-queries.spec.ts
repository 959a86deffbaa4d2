import fc from 'fast-check';
import { MAX_ITEMS, type QualityItem, type QualityQuery } from './quality-queries.js';
import { Folder, NOON } from '../../../test/record-folder.js';

let on: Folder;
beforeEach(async () => {
  on = await Folder.open();
});
afterEach(() => on.close());

const items = (query: Partial<QualityQuery> = {}): QualityItem[] =>
  on.quality.quality({ model: 'm', ...query }).items;
const told = (at: number, predicted: number, value: number, version = '1', digest = 'd'): void => {
  on.tell([[on.predict({ at, version, digest, output: { prediction: [predicted] } }), value, null, null]]);
};
const iso = (ms: number): string => new Date(ms).toISOString(); // prettier-ignore

test('numbers are measured by version, whatever file the version was', () => {
  told(NOON, 10, 8);
  told(NOON + 5, 10, 11, '1', 'other');
  told(NOON + 7, 4, 4, '10');
  told(NOON + 8, 4, 5, '9');
  expect(items()).toEqual([
    { version: '1', from: iso(NOON), to: iso(NOON + 6), count: 2, mae: 1.5, rmse: Math.sqrt(2.5), bias: 0.5 },
    { version: '9', from: iso(NOON + 8), to: iso(NOON + 9), count: 1, mae: 1, rmse: 1, bias: -1 },
    { version: '10', from: iso(NOON + 7), to: iso(NOON + 8), count: 1, mae: 0, rmse: 0, bias: 0 },
  ]);
  expect(items({ version: '9' }).map(({ version }) => version)).toEqual(['9']);
  expect(items({ version: '2' })).toEqual([]);
});

test('classes are measured by their labels', () => {
  const classes = (label: string, value: string): void => {
    const output = { prediction: [label], probabilities: { a: 0.75, b: 0.25 } };
    on.tell([[on.predict({ output }), value, null, null]]);
  };
  classes('a', 'a');
  classes('a', 'b');
  const [item] = items();
  expect(item).toMatchObject({
    count: 2, accuracy: 0.5, precision: 0.5, recall: 0.5,
    classes: { a: { precision: 0.5, recall: 1, support: 1 }, b: { precision: null, recall: 0, support: 1 } },
  }); // prettier-ignore
  expect(item!.logLoss).toBeCloseTo(-(Math.log(0.75) + Math.log(0.25)) / 2, 12);
  expect(item).not.toHaveProperty('mae');
});

/**
 * Five rows: predicted a a b c c, true a b b c b; the true class was given 0.8 0.3 0.6 0.5 0.1. By hand: 3 of 5 are right; precision
 * is 1/2, 1/1, 1/2 and recall 1/1, 1/3, 1/1 of a, b, c; the loss is −ln(0.8 · 0.3 · 0.6 · 0.5 · 0.1) / 5 = −ln(0.0072) / 5.
 */
const CLASSIFIED = {
  count: 5,
  accuracy: 0.6,
  precision: expect.closeTo(0.666667, 6) as number,
  recall: expect.closeTo(0.777778, 6) as number,
  classes: {
    a: { precision: 0.5, recall: 1, support: 1 },
    b: { precision: 1, recall: expect.closeTo(0.333333, 6) as number, support: 3 },
    c: { precision: 0.5, recall: 1, support: 1 },
  },
};
const LABELS = ['a', 'a', 'b', 'c', 'c'];
const TRUE = ['a', 'b', 'b', 'c', 'b'];
const GIVEN = [[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.2, 0.6, 0.2], [0.2, 0.3, 0.5], [0.2, 0.1, 0.7]]; // prettier-ignore

const named = ([a, b, c]: readonly number[]): unknown => ({ a, b, c });
const OIP = [
  { name: 'label', datatype: 'BYTES', shape: [5], data: LABELS },
  { name: 'probabilities', datatype: 'FP64', shape: [5, 3], data: GIVEN.flat() },
];

test.each([
  ['/predict', { predictions: LABELS.map((label) => [label]), probabilities: GIVEN.map(named) }, 0.986735],
  ['/predict of a file', { answered: 5, failed: 0, answers: LABELS.map((label, row) => ({ prediction: [label], probabilities: named(GIVEN[row]!) })) }, 0.986735],
  ['TF Serving and MLflow, by rows', { predictions: LABELS.map((label, row) => ({ label, probabilities: GIVEN[row] })) }, null],
  ['TF Serving, by columns', { outputs: { label: LABELS, probabilities: GIVEN } }, null],
  ['MLflow, of the label alone', { predictions: LABELS }, null],
  ['the Open Inference Protocol', { model_name: 'm', model_version: '1', outputs: OIP }, null],
])('a classifier asked by %s is measured as by hand', (_, output, loss) => {
  expect(on.tell([[on.predict({ output }), TRUE, null, null]])).toEqual(['accepted']);
  const [item] = items();
  expect(item).toMatchObject(CLASSIFIED);
  expect(item!.logLoss).toEqual(loss === null ? null : expect.closeTo(loss, 6));
}); // prettier-ignore

test('a classifier of numbers is measured as by hand in every protocol', () => {
  // Predicted 1 0 1 1, true 1 0 0 1; the true class was given 0.9 0.8 0.4 0.7: −ln(0.2016) / 4.
  const labels = [1, 0, 1, 1];
  const given = [[0.1, 0.9], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]]; // prettier-ignore
  const outputs = [
    { name: 'label', datatype: 'INT64', shape: [4, 1], data: labels },
    { name: 'probabilities', datatype: 'FP32', shape: [4, 2], data: given.flat() },
  ];
  const answers = [
    { predictions: labels.map((one) => [one]), probabilities: given.map(([no, yes]) => ({ 0: no, 1: yes })) },
    { predictions: labels.map((label, row) => ({ label, probabilities: given[row] })) },
    { outputs: { label: labels.map((one) => [one]), probabilities: given } },
    { outputs },
  ];
  answers.forEach((output, version) => {
    const id = on.predict({ output, version: String(version) });
    expect(on.tell([[id, [1, 0, 0, 1], null, null]])).toEqual(['accepted']);
  });
  const found = items();
  expect(found).toHaveLength(4);
  for (const item of found)
    expect(item).toMatchObject({
      count: 4,
      accuracy: 0.75,
      precision: expect.closeTo(0.833333, 6) as number, // of 0: 1/1, of 1: 2/3
      recall: 0.75, // of 0: 1/2, of 1: 2/2
    });
  expect(found.map(({ logLoss }) => logLoss)).toEqual([expect.closeTo(0.400367, 6), null, null, null]);
});

test('buckets begin at the multiples of their length, and the range is of the arrival of predictions', () => {
  for (const at of [NOON - 1, NOON, NOON + 59_999, NOON + 180_000]) told(at, 1, 0);
  const counts = (query: Partial<QualityQuery>): [string, string, number][] =>
    items(query).map(({ from, to, count }) => [from, to, count]);
  expect(counts({ every: 60_000 })).toEqual([
    [iso(NOON - 60_000), iso(NOON), 1],
    [iso(NOON), iso(NOON + 60_000), 2],
    [iso(NOON + 180_000), iso(NOON + 240_000), 1],
  ]);
  expect(counts({ from: NOON, to: NOON + 180_000 })).toEqual([[iso(NOON), iso(NOON + 180_000), 2]]);
  expect(counts({ from: NOON + 1, every: 60_000 }).map(([, , count]) => count)).toEqual([1, 1]);
  expect(counts({ from: NOON + 200_000 })).toEqual([]);
  expect(counts({ from: -9e15, to: 9e15 })).toHaveLength(1);
});

test('a model is known by an answer on record, not by having been asked for', () => {
  on.predict({ model: 'asked', version: null });
  on.predict({ model: 'silent' });
  expect(on.quality.quality({ model: 'asked' })).toEqual({ known: false, items: [] });
  expect(on.quality.quality({ model: 'never' })).toEqual({ known: false, items: [] });
  expect(on.quality.quality({ model: 'silent' })).toEqual({ known: true, items: [] });
});

test('more items than an answer has room for are not made', () => {
  const predict = (n: number): void => told(NOON + n, 1, 0);
  for (let n = 0; n < MAX_ITEMS; n++) predict(n);
  expect(items({ every: 1 })).toHaveLength(MAX_ITEMS);
  predict(MAX_ITEMS);
  expect(on.quality.quality({ model: 'm', every: 1 })).toEqual({ known: true, items: [], tooMany: true });
  expect(items({ every: 2 })).toHaveLength(MAX_ITEMS / 2 + 1);
});

test('any outcomes are measured as the definitions say, by the newest of each row', () => {
  const outcome = fc.record({
    prediction: fc.integer({ min: 0, max: 7 }),
    item: fc.integer({ min: 0, max: 1 }),
    value: fc.integer({ min: -9, max: 9 }),
  });
  const series = fc.record({
    predictions: fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 40 }), version: fc.constantFrom('1', '2') }),
      { minLength: 8, maxLength: 8 }, // prettier-ignore
    ),
    outcomes: fc.array(outcome, { maxLength: 25 }),
    every: fc.integer({ min: 1, max: 20 }),
  });
  let runs = 0;
  fc.assert(
    fc.property(series, ({ predictions, outcomes, every }) => {
      const model = `m${runs++}`;
      const ids = predictions.map(({ at, version }, n) =>
        on.predict({ at: NOON + at, version, model, output: { predictions: [[n], [2 * n]] } }),
      );
      on.tell(outcomes.map(({ prediction, item, value }) => [ids[prediction]!, value, item, null]));
      const newest = new Map(outcomes.map((one) => [`${one.prediction} ${one.item}`, one]));
      const expected = new Map<string, number[]>();
      for (const { prediction, item, value } of newest.values()) {
        const { at, version } = predictions[prediction]!;
        const key = `${iso(Math.floor((NOON + at) / every) * every)} ${version}`;
        expected.set(key, [...(expected.get(key) ?? []), prediction * (item + 1) - value]);
      }
      const found = items({ model, every });
      expect(found.map(({ from, version }) => `${from} ${version}`)).toEqual([...expected.keys()].sort());
      for (const { from, version, count, mae, rmse, bias } of found) {
        const errors = expected.get(`${from} ${version}`)!;
        const mean = (f: (error: number) => number): number =>
          errors.reduce((sum, error) => sum + f(error), 0) / errors.length;
        expect(count).toBe(errors.length);
        expect(mae).toBeCloseTo(mean(Math.abs), 9);
        expect(bias).toBeCloseTo(mean((error) => error), 9);
        expect(rmse).toBeCloseTo(Math.sqrt(mean((error) => error * error)), 9);
      }
    }),
    { numRuns: 40 },
  );
}); // prettier-ignore
