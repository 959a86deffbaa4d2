import fc from 'fast-check';
import { pointerToken } from './errors.js';

describe('pointerToken', () => {
  it('escapes as RFC 6901 has it, so that the name can be read back', () => {
    expect(pointerToken('a/b~c')).toBe('/a~1b~0c');
    expect(pointerToken('~1')).toBe('/~01');
    expect(pointerToken(0)).toBe('/0');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a') }), (name) => {
        const token = pointerToken(name);
        expect(token.indexOf('/', 1)).toBe(-1);
        expect(token.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')).toBe(name);
      }),
    );
  });
});
