import fc from 'fast-check';
import { ClassMeasures, MAX_CLASSES, NumericMeasures, Sum } from './measures.js';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('Sum', () => {
  it('loses nothing to rounding where a plain sum does', () => {
    const sum = new Sum();
    for (const value of [1, 1e100, 1, -1e100]) sum.add(value);
    expect(sum.value).toBe(2);
  });

  it('is exact to the last place for a million tenths', () => {
    const sum = new Sum();
    for (let i = 0; i < 1_000_000; i++) sum.add(0.1);
    expect(sum.value).toBeCloseTo(100_000, 9);
  });
});

describe('NumericMeasures', () => {
  it('agrees with the definitions, written down naively', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const pairs = fc.integer({ min: 1, max: 4 }).chain((size) =>
      fc.array(fc.tuple(...[0, 1].map(() => fc.array(number, { minLength: size, maxLength: size }))), {
        minLength: 1,
        maxLength: 30,
      }),
    );
    fc.assert(
      fc.property(pairs, (rows) => {
        const measures = new NumericMeasures();
        for (const [predicted, value] of rows) measures.add(predicted!, value!);
        const errors = rows.flatMap(([predicted, value]) => predicted!.map((one, i) => one - value![i]!));
        const { mae, rmse, bias } = measures.quality!;
        expect(mae).toBeCloseTo(mean(errors.map(Math.abs)), 5);
        expect(rmse).toBeCloseTo(Math.sqrt(mean(errors.map((error) => error ** 2))), 5);
        expect(bias).toBeCloseTo(mean(errors), 5);
      }),
    );
  });

  it('says nothing of nothing, and null of what no number holds', () => {
    const measures = new NumericMeasures();
    expect(measures.quality).toBeNull();
    measures.add([1e200], [-1e200]);
    expect(measures.quality).toEqual({ mae: 2e200, rmse: null, bias: 2e200 });
  });
});

describe('ClassMeasures', () => {
  const measured = (rows: readonly (readonly [string, string, number | null])[]): ClassMeasures => {
    const measures = new ClassMeasures();
    for (const row of rows) measures.add(...row);
    return measures;
  };

  it('agrees with the definitions, written down naively', () => {
    const label = fc.constantFrom('a', 'b', 'c', '__proto__');
    const rows = fc.array(
      fc.tuple(label, label, fc.option(fc.double({ min: 0, max: 1, noNaN: true }))),
      { minLength: 1, maxLength: 40 }, // prettier-ignore
    );
    fc.assert(
      fc.property(rows, (given) => {
        const quality = measured(given).quality!;
        const labels = [...new Set(given.flatMap(([predicted, value]) => [predicted, value]))].sort();
        const share = (of: typeof given, is: (row: (typeof given)[number]) => boolean): number | null =>
          of.length === 0 ? null : of.filter(is).length / of.length;
        const right = ([predicted, value]: (typeof given)[number]): boolean => predicted === value;
        const precisions = labels.map((one) => share(given.filter(([predicted]) => predicted === one), right));
        const recalls = labels.map((one) => share(given.filter(([, value]) => value === one), right));
        expect(quality.accuracy).toBe(share(given, right));
        expect(Object.keys(quality.classes)).toEqual(labels);
        labels.forEach((one, i) =>
          expect(Object.getOwnPropertyDescriptor(quality.classes, one)?.value).toEqual({
            precision: precisions[i],
            recall: recalls[i],
            support: given.filter(([, value]) => value === one).length,
          }),
        );
        expect(quality.precision).toBeCloseTo(mean(precisions.filter((one) => one !== null)), 9);
        expect(quality.recall).toBeCloseTo(mean(recalls.filter((one) => one !== null)), 9);
        const losses = given.flatMap(([, , p]) => (p === null ? [] : [-Math.log(Math.max(p, 2 ** -52))]));
        if (losses.length === 0) expect(quality.logLoss).toBeNull();
        else expect(quality.logLoss).toBeCloseTo(mean(losses), 9);
      }),
    );
  }); // prettier-ignore

  it('says null of what is not defined, and nothing of nothing', () => {
    expect(new ClassMeasures().quality).toBeNull();
    expect(measured([['a', 'b', null]]).quality).toEqual({
      accuracy: 0,
      logLoss: null,
      precision: 0,
      recall: 0,
      classes: {
        a: { precision: 0, recall: null, support: 0 },
        b: { precision: null, recall: 0, support: 1 },
      },
    });
  });

  it('takes no probability for less than the least that it tells from 0', () => {
    expect(measured([['a', 'b', 0]]).quality?.logLoss).toBeCloseTo(52 * Math.LN2, 9);
    expect(measured([['a', 'a', 1]]).quality?.logLoss).toBe(0);
  });

  it('tells the classes with the greatest support where there are very many', () => {
    const rows = Array.from({ length: MAX_CLASSES + 5 }, (_, n) => [`c${n}`, `c${n}`, null] as const);
    const quality = measured([...rows, ...rows.slice(-3)]).quality!;
    expect(Object.keys(quality.classes)).toHaveLength(MAX_CLASSES);
    expect(Object.keys(quality.classes).slice(0, 3)).toEqual(rows.slice(-3).map(([label]) => label).sort());
    expect(quality).toMatchObject({ otherClasses: 5, precision: 1, recall: 1 });
  }); // prettier-ignore
});
