import fc from 'fast-check';
import { fromHalf, toHalf } from './half.js';

describe('half', () => {
  it('reads back every one of the 65,536 halves as it was', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = fromHalf(bits);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else if (toHalf(value) !== bits) throw new Error(`${bits} became ${toHalf(value)}`);
    }
  });

  it('takes the half that is nearest', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 65504, noNaN: true }), (value) => {
        const bits = toHalf(value);
        const off = Math.abs(fromHalf(bits) - value);
        for (const other of [bits - 1, bits + 1])
          if (other >= 0) expect(off).toBeLessThanOrEqual(Math.abs(fromHalf(other) - value));
        expect(toHalf(-value)).toBe(bits | 0x8000);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows the numbers of the standard', () => {
    const known = [[1, 0x3c00], [-2, 0xc000], [65504, 0x7bff], [65519, 0x7bff], [65520, 0x7c00], [2 ** -24, 1], [0.1, 0x2e66], [2049, 0x6800], [2051, 0x6802], [-0, 0x8000], [Infinity, 0x7c00]] as const; // prettier-ignore
    for (const [value, bits] of known) expect([value, toHalf(value)]).toEqual([value, bits]);
  });
});
