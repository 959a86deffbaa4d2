import fc from 'fast-check';
import { rangesOf } from './ranges.js';

describe('ranges', () => {
  it('hold the numbers given and no other, and do not touch', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60)), (numbers) => {
        const ranges = rangesOf(numbers);
        const held = ranges.flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        expect(held).toEqual([...numbers].sort((a, b) => a - b));
        for (let i = 1; i < ranges.length; i++)
          expect(ranges[i]?.[0]).toBeGreaterThan((ranges[i - 1]?.[1] ?? 0) + 1);
      }),
    );
  });
});
