import fc from 'fast-check';
import type { ElementType } from './signature.js';
import { encodeValue, expectation, valueOfText, writeValue } from './values.js';

const FLOATS: readonly ElementType[] = ['float16', 'float32', 'float64'];
const INTEGERS: readonly (readonly [ElementType, number, number])[] = [
  ['int8', -128, 127],
  ['int16', -32768, 32767],
  ['int32', -2147483648, 2147483647],
  ['uint8', 0, 255],
  ['uint16', 0, 65535],
  ['uint32', 0, 4294967295],
];
const LONGS: readonly (readonly [ElementType, bigint, bigint])[] = [
  ['int64', -9223372036854775808n, 9223372036854775807n],
  ['uint64', 0n, 18446744073709551615n],
];
const TYPES: readonly ElementType[] = [
  ...FLOATS,
  ...INTEGERS.map(([type]) => type),
  'int64',
  'uint64',
  'bool',
  'string',
];

describe('encodeValue', () => {
  it.each(INTEGERS)('takes whole numbers for %s from %d to %d and nothing beyond', (type, min, max) => {
    expect(encodeValue(type, min)).toBe(min);
    expect(encodeValue(type, max)).toBe(max);
    for (const value of [min - 1, max + 1, 0.5, '1', true, null, NaN])
      expect(encodeValue(type, value)).toBeUndefined();
  });

  it.each(LONGS)(
    'takes whole numbers for %s exactly, beyond 2^53 as a string of digits',
    (type, min, max) => {
      expect(encodeValue(type, 7)).toBe(7n);
      expect(encodeValue(type, String(min))).toBe(min);
      expect(encodeValue(type, String(max))).toBe(max);
      for (const value of [String(min - 1n), String(max + 1n), 2 ** 53, 0.5, '1.0', '0x10', '', ' 1', true])
        expect(encodeValue(type, value)).toBeUndefined();
    },
  );

  it.each(FLOATS)('takes the numbers that JSON cannot write for %s as strings', (type) => {
    expect(encodeValue(type, 'NaN')).toBeNaN();
    expect(encodeValue(type, 'Infinity')).toBe(Infinity);
    expect(encodeValue(type, '-Infinity')).toBe(-Infinity);
  });

  it.each(['constructor', 'toString', '__proto__', 'nan', '1', ''])(
    'takes no other text, not %j, for a number',
    (text) => {
      for (const type of FLOATS) expect(encodeValue(type, text)).toBeUndefined();
    },
  );

  it('refuses a number that its type would turn into an infinity', () => {
    expect(encodeValue('float16', 65505)).toBeUndefined();
    expect(encodeValue('float32', 3.5e38)).toBeUndefined();
    expect(encodeValue('float64', Infinity)).toBeUndefined(); // what JSON.parse makes of 1e999
    expect(encodeValue('float32', -3.4e38)).toBe(-3.4e38);
  });

  it('takes only true and false for a bool, as 1 and 0', () => {
    expect([true, false].map((value) => encodeValue('bool', value))).toEqual([1, 0]);
    for (const value of [1, 0, 'true', null]) expect(encodeValue('bool', value)).toBeUndefined();
  });

  it.each(TYPES)('refuses null, objects and arrays for %s and can say what is expected', (type) => {
    for (const value of [null, {}, [], [1]]) expect(encodeValue(type, value)).toBeUndefined();
    expect(expectation(type)).toMatch(/^must be /);
  });
});

describe('valueOfText', () => {
  it('reads the text of a number as a body would have had it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        fc.pre(!Object.is(value, -0));
        expect(valueOfText('float64', String(value))).toBe(value);
      }),
    );
  });

  it('reads a 64-bit integer as a number while that is exact, else as digits', () => {
    expect(valueOfText('int64', '5')).toBe(5);
    expect(valueOfText('int64', '-9007199254740991')).toBe(-9007199254740991);
    expect(valueOfText('int64', '9007199254740993')).toBe('9007199254740993');
  });

  it.each(['', ' 1', '1 ', '0x10', '1e', 'NaN', 'one', '1,5'])('leaves %j a text', (text) => {
    expect(valueOfText('float32', text)).toBe(text);
    expect(valueOfText('int64', text)).toBe(text);
  });

  it('keeps the text of a string and of what is not a bool', () => {
    expect(valueOfText('string', '12')).toBe('12');
    expect(['true', 'false', '1'].map((text) => valueOfText('bool', text))).toEqual([true, false, '1']);
  });
});

describe('writeValue', () => {
  it('always writes legal JSON that a request may use again', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const again = encodeValue('float64', JSON.parse(writeValue('float64', value)));
        expect(again).toBe(Object.is(value, -0) ? 0 : value);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(encodeValue('int64', JSON.parse(writeValue('int64', value)))).toBe(value);
      }),
    );
  });

  it('writes integers up to 2^53 as numbers and larger ones as strings', () => {
    expect(writeValue('int64', 9007199254740991n)).toBe('9007199254740991');
    expect(writeValue('int64', 9007199254740992n)).toBe('"9007199254740992"');
    expect(writeValue('int64', -9007199254740992n)).toBe('"-9007199254740992"');
  });

  it('writes bools as such and texts escaped', () => {
    expect(writeValue('bool', 1)).toBe('true');
    expect(writeValue('bool', 0)).toBe('false');
    expect(writeValue('string', 'a "b"\n')).toBe('"a \\"b\\"\\n"');
  });
});
