import fc from 'fast-check';
import { hasMoreContainers, isNestedDeeper } from './json-depth.js';

describe('isNestedDeeper', () => {
  it('counts what is open, not what was, and no brackets in texts', () => {
    expect(isNestedDeeper('{"a":[[1]]}', 3)).toBe(false);
    expect(isNestedDeeper('{"a":[[1]]}', 2)).toBe(true);
    expect(isNestedDeeper('[[],[],[],[],{"a":"[[[[{{{{\\"[["}]', 2)).toBe(false);
    expect(isNestedDeeper('[[],[],[],[],{"a":[]}]', 2)).toBe(true);
    expect(isNestedDeeper('5', 0)).toBe(false);
    expect(isNestedDeeper('['.repeat(100_000) + ']'.repeat(100_000), 64)).toBe(true);
  });

  it('sees through texts that look like brackets closing', () => {
    expect(isNestedDeeper('{"}":'.repeat(70), 64)).toBe(true);
    expect(isNestedDeeper('{"\\\\":["\\"]]]",'.repeat(40), 64)).toBe(true);
  });

  it('agrees with the depth of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(6), (value, most) => {
        expect(isNestedDeeper(JSON.stringify(value), most)).toBe(depthOf(value) > most);
      }),
    );
  });
});

describe('hasMoreContainers', () => {
  it('counts what was opened, wherever, and no brackets in texts', () => {
    expect(hasMoreContainers('[{},{},[[]]]', 5)).toBe(false);
    expect(hasMoreContainers('[{},{},[[]]]', 4)).toBe(true);
    expect(hasMoreContainers('["[[[[{{{{\\"[[", {"}{":"\\\\"}]', 2)).toBe(false);
    expect(hasMoreContainers('{}'.repeat(100_000), 100_000)).toBe(false);
    expect(hasMoreContainers('{}'.repeat(100_001), 100_000)).toBe(true);
  });

  it('agrees with the number in any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(6), (value, most) => {
        expect(hasMoreContainers(JSON.stringify(value), most)).toBe(containersOf(value) > most);
      }),
    );
  });
});

function containersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, part) => sum + containersOf(part), 1);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
