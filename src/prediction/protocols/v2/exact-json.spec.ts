import fc from 'fast-check';
import { digitsOf, parseExactly } from './exact-json.js';

/** The value with every marked integer as a bigint. */
function read(value: unknown): unknown {
  const digits = digitsOf(value);
  if (digits !== undefined) return BigInt(digits);
  return Array.isArray(value) ? value.map(read) : value;
}

describe('parseExactly', () => {
  it('keeps every digit of integers, whatever strings stand around them', () => {
    const item = fc.oneof(fc.bigInt({ min: 10n ** 15n, max: 10n ** 25n }), fc.string());
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const text = `[${items.map((one) => (typeof one === 'bigint' ? String(-one) : JSON.stringify(one))).join(' , ')}]`;
        const expected = items.map((one) => (typeof one === 'bigint' ? -one : one));
        expect(read(parseExactly(text, JSON.parse(text)))).toEqual(expected);
      }),
    );
  });

  it('leaves everything else as JSON.parse has it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed: unknown = JSON.parse(text);
        if (!/\d{16}/.test(text)) expect(parseExactly(text, parsed)).toBe(parsed);
      }),
    );
    const text = '{"1234567890123456789":"1234567890123456789 \\" 1234567890123456789","a":1.2345678901234567890,"b":12345678901234567e3,"c":1e-1234567890123456}'; // prettier-ignore
    expect(parseExactly(text, null)).toEqual(JSON.parse(text));
  });
});
