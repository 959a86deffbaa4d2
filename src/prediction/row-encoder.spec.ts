import fc from 'fast-check';
import type { Fault } from '../errors.js';
import type { Feature } from './features.js';
import type { FeatureConfig } from './model-config.js';
import { RowEncoder, type EncodedRows } from './row-encoder.js';
import type { ElementType, Signature } from './signature.js';
import type { Encoded } from './values.js';

interface Options extends Partial<FeatureConfig> {
  type?: ElementType;
  shape?: readonly (number | null)[];
}

/** An encoder whose features are one input each. */
function encoderOf(
  features: Readonly<Record<string, Options>> | readonly (readonly [string, Options])[],
): RowEncoder {
  const entries = Array.isArray(features)
    ? (features as readonly (readonly [string, Options])[])
    : Object.entries(features as Record<string, Options>);
  const list = entries.map(([name, { type = 'float32', shape = [], ...config }], input): Feature => ({
    name,
    type,
    input,
    shape,
    config: { name, ...config },
  }));
  const signature = { inputs: list.map(({ name, type }) => ({ name, type, shape: [null] })) };
  return new RowEncoder(list, signature as unknown as Signature);
}

function encode(encoder: RowEncoder, ...rows: unknown[]): { into: EncodedRows; faults: Fault[] } {
  const into = encoder.empty();
  const faults: Fault[] = [];
  rows.forEach((row, index) => encoder.add(row, rows.length > 1 ? `/${index}` : '', into, faults));
  return { into, faults };
}

/** Names that every object answers for, although nobody gave them. */
const INHERITED = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];

describe('RowEncoder', () => {
  it('lays the values of each input out, row after row', () => {
    const encoder = encoderOf({ a: {}, b: { type: 'string' } });
    const { into, faults } = encode(encoder, { a: 1, b: 'x' }, { b: 'y', a: 2 });
    expect(faults).toEqual([]);
    expect(into).toMatchObject({
      rows: 2,
      values: [
        [1, 2],
        ['x', 'y'],
      ],
    });
  });

  it('lays features of one input out in the order of its columns, whatever the order of the keys', () => {
    const features = ['a', 'b', 'c'].map((name): Feature => ({
      name,
      type: 'float32',
      input: 0,
      shape: [],
      config: { name },
    }));
    const encoder = new RowEncoder(features, { inputs: [{}] } as unknown as Signature);
    expect(encode(encoder, { c: 3, a: 1, b: 2 }).into.values).toEqual([[1, 2, 3]]);
  });

  it('names everything that is wrong with all rows at once, each by its pointer', () => {
    const encoder = encoderOf({
      a: { min: 0 },
      'b/c': { type: 'int8' },
      d: { type: 'string', values: ['x', 'y'] },
    });
    const { faults } = encode(encoder, { a: -1, 'b/c': 200, d: 'z', e: 1 }, 7, { 'b/c': 1, d: 'x' });
    expect(faults).toEqual([
      { pointer: '/0/a', detail: 'must be at least 0' },
      { pointer: '/0/b~1c', detail: 'must be a whole number from -128 to 127' },
      { pointer: '/0/d', detail: 'must be one of "x", "y"' },
      { pointer: '/0/e', detail: 'is not a feature of this model' },
      { pointer: '/1', detail: 'must be an object that names the features' },
      { pointer: '/2/a', detail: 'is missing' },
    ]);
  });

  it.each([[null], [[1]], ['{}'], [1], [undefined]])('refuses %j as a row', (row) => {
    expect(encode(encoderOf({ a: {} }), row).faults).toEqual([
      { pointer: '', detail: 'must be an object that names the features' },
    ]);
  });

  it.each(INHERITED)('knows when a feature named %s is missing, given or unknown', (name) => {
    const encoder = encoderOf([[name, {}]]);
    expect(encode(encoder, {}).faults).toEqual([{ pointer: `/${name}`, detail: 'is missing' }]);
    const given = encode(encoder, JSON.parse(`{"${name}":2}`));
    expect(given.faults).toEqual([]);
    expect(given.into.values).toEqual([[2]]);
    expect(encode(encoderOf({}), JSON.parse(`{"${name}":2}`)).faults).toEqual([
      { pointer: `/${name}`, detail: 'is not a feature of this model' },
    ]);
  });

  it('names an unknown feature also when a known one is missing in its place', () => {
    const { faults } = encode(encoderOf({ a: { default: 1 } }), { b: 2 });
    expect(faults).toEqual([{ pointer: '/b', detail: 'is not a feature of this model' }]);
  });

  it('names no more than a hundred faults', () => {
    const { faults } = encode(encoderOf({ a: {} }), ...Array.from({ length: 1000 }, () => ({ a: 'x' })));
    expect(faults).toHaveLength(100);
  });

  it('fills in a default and refuses a given value that is wrong all the same', () => {
    const encoder = encoderOf({ a: { default: 5 } });
    expect(encode(encoder, {}).into.values).toEqual([[5]]);
    expect(encode(encoder, { a: null }).faults).toEqual([{ pointer: '/a', detail: 'must be a number' }]);
  });

  it('takes null for NaN where the feature is nullable, whatever its bounds', () => {
    expect(encode(encoderOf({ a: {} }), { a: null }).faults).toHaveLength(1);
    for (const config of [{}, { min: 0 }, { values: [1, 2] }])
      expect(encode(encoderOf({ a: { nullable: true, ...config } }), { a: null }).into.values).toEqual([
        [NaN],
      ]);
    expect(encode(encoderOf({ a: { type: 'int32', nullable: true } }), { a: null }).faults).toHaveLength(1);
  });

  it('takes NaN and the infinities as strings, but not where bounds leave them out', () => {
    expect(encode(encoderOf({ a: {}, b: {} }), { a: 'NaN', b: '-Infinity' }).into.values).toEqual([
      [NaN],
      [-Infinity],
    ]);
    expect(encode(encoderOf({ a: { min: 0 } }), { a: 'NaN' }).faults).toEqual([
      { pointer: '/a', detail: 'must be at least 0' },
    ]);
    expect(encode(encoderOf({ a: { min: 0 } }), { a: 'Infinity' }).faults).toEqual([]);
    expect(encode(encoderOf({ a: { max: 0 } }), { a: 'Infinity' }).faults).toEqual([
      { pointer: '/a', detail: 'must be at most 0' },
    ]);
  });

  it('holds bounds at both ends, inclusive, for every type of number', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ElementType>('float32', 'float64', 'int32', 'int64'),
        fc.integer({ min: -50, max: 50 }),
        fc.nat(50),
        fc.integer({ min: -120, max: 120 }),
        (type, min, width, value) => {
          const max = min + width;
          const { faults } = encode(encoderOf({ a: { type, min, max } }), { a: value });
          expect(faults.length === 0).toBe(value >= min && value <= max);
        },
      ),
    );
  });

  it('keeps 64-bit integers exact and holds them against listed values in either form', () => {
    const { into } = encode(encoderOf({ a: { type: 'int64' } }), { a: '9223372036854775807' });
    expect(into.values).toEqual([[9223372036854775807n]]);
    const listed = encoderOf({ a: { type: 'int64', values: [5, '9007199254740993'] } });
    for (const a of [5, '5', '9007199254740993']) expect(encode(listed, { a }).faults).toEqual([]);
    expect(encode(listed, { a: 6 }).faults).toHaveLength(1);
  });

  it('takes nested arrays of exactly the given sizes and names the element that is wrong', () => {
    const encoder = encoderOf({ a: { shape: [2, 2] } });
    expect(
      encode(encoder, {
        a: [
          [1, 2],
          [3, 4],
        ],
      }).into.values,
    ).toEqual([[1, 2, 3, 4]]);
    expect(encode(encoder, { a: [[1, 'x'], [3]] }).faults).toEqual([
      { pointer: '/a/0/1', detail: 'must be a number' },
      { pointer: '/a/1', detail: 'must be an array of 2' },
    ]);
    expect(encode(encoder, { a: [1, 2] }).faults).toHaveLength(2);
    expect(encode(encoderOf({ a: {} }), { a: [1] }).faults).toEqual([
      { pointer: '/a', detail: 'must be a number' },
    ]);
  });

  it('takes arrays of any size, each row of its own, where the graph leaves it open', () => {
    const encoder = encoderOf({ a: { shape: [null, 2] } });
    const two = [
      [3, 4],
      [5, 6],
    ];
    expect(encode(encoder, { a: [[1, 2]] }, { a: two }).into).toEqual({
      rows: 2,
      values: [[1, 2, 3, 4, 5, 6]],
      sizes: [[[1, 2]], [[2, 2]]],
    });
    expect(encode(encoder, { a: [] }).into).toEqual({ rows: 1, values: [[]], sizes: [[[0, 2]]] });
    expect(encode(encoder, { a: [[1, 2], [3]] }).faults).toEqual([
      { pointer: '/a/1', detail: 'must be an array of 2' },
    ]);
    expect(encode(encoderOf({ a: { shape: [null, null] } }), { a: [[1, 2], [3]] }).faults).toEqual([
      { pointer: '/a/1', detail: 'must be an array of 2' },
    ]);
  });

  it('encodes rows one by one as it encodes them together', () => {
    const encoder = encoderOf({ a: {}, b: { type: 'int64', default: 3 } });
    const row = fc.record(
      { a: fc.float({ noNaN: true, noDefaultInfinity: true }), b: fc.integer() },
      { requiredKeys: ['a'] },
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const together = encode(encoder, ...rows).into;
        const apart = rows.map((one) => encode(encoder, one).into);
        expect(together.values).toEqual(
          [0, 1].map((input) => apart.flatMap(({ values }) => values[input] as Encoded[])),
        );
        expect(together.rows).toBe(rows.length);
      }),
    );
  });

  describe('canonical', () => {
    const encoder = encoderOf([
      ['b', {}],
      ['a', { type: 'string' }],
      ['__proto__', { default: 1 }],
      ['n', { nullable: true }],
    ]);

    it('is the same text in whatever order the keys came, and with defaults left out or given', () => {
      const rows = fc.record({
        b: fc.double({ noNaN: true, noDefaultInfinity: true }),
        a: fc.string(),
        n: fc.option(fc.integer()),
      });
      fc.assert(
        fc.property(
          rows,
          fc.constantFrom([0, 1, 2], [2, 1, 0], [1, 0, 2]),
          fc.boolean(),
          (row, order, given) => {
            const entries = Object.entries(row);
            const shuffled = Object.fromEntries(order.map((at) => entries[at]!)) as Record<string, unknown>;
            if (given) Object.defineProperty(shuffled, '__proto__', { value: 1, enumerable: true });
            expect(encoder.canonical(shuffled)).toBe(encoder.canonical(row));
          },
        ),
      );
    });

    it('tells -0 from 0, as a model may, and takes the default for what is there but undefined', () => {
      const text = encoder.canonical({ b: -0, a: '', n: 0, ['__proto__']: 1 });
      expect(text).toBe('{"b":-0,"a":"","__proto__":1,"n":0}');
      expect(JSON.parse(text)).toHaveProperty('b', -0);
      const row = Object.defineProperty({ b: 1, a: '', n: 0 }, '__proto__', {
        value: undefined,
        enumerable: true,
      });
      expect(encoder.canonical(row)).toBe('{"b":1,"a":"","__proto__":1,"n":0}');
    });

    it('is JSON of the whole row, features in the order of the model', () => {
      expect(encoder.canonical({ n: null, a: 'x"y', b: 1.5 })).toBe(
        '{"b":1.5,"a":"x\\"y","__proto__":1,"n":null}',
      );
    });

    it('differs for rows that differ', () => {
      fc.assert(
        fc.property(fc.integer(), fc.integer(), fc.string(), fc.string(), (b1, b2, a1, a2) => {
          const same =
            encoder.canonical({ b: b1, a: a1, n: 0 }) === encoder.canonical({ b: b2, a: a2, n: 0 });
          expect(same).toBe(b1 === b2 && a1 === a2);
        }),
      );
    });
  });
});
