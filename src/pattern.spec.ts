import fc from 'fast-check';
import { anyOf } from './pattern.js';

describe('anyOf', () => {
  it('describes what a regular expression of the same patterns describes', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(patterns, { maxLength: 4 }), texts, (some, text) => {
        const expected = some.some((pattern) =>
          new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(text),
        );
        expect(anyOf(some)(text)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
