import fc from 'fast-check';
import { readWindowToken, windowToken } from './window-token.js';

const LIFE = '3.1769860800000';

describe('the address of a window', () => {
  it('leads back to it, and nowhere in another life of its stream', () => {
    const value = fc.oneof(fc.string({ maxLength: 40 }), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.maxSafeInteger(),
        fc.array(value, { maxLength: 3 }),
        (start, end, key) => {
          const place = { start, end, key: JSON.stringify(key) };
          const token = windowToken(place, LIFE);
          expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
          expect(readWindowToken(token ?? '', LIFE)).toEqual(place);
          expect(readWindowToken(token ?? '', '4.1769860800000')).toBeNull();
        },
      ),
    );
  });

  it('is not made of a key that is too long for one', () => {
    expect(windowToken({ start: 0, end: 1, key: JSON.stringify(['x'.repeat(1024)]) }, LIFE)).not.toBeNull();
    expect(windowToken({ start: 0, end: 1, key: JSON.stringify(['x'.repeat(2048)]) }, LIFE)).toBeNull();
  });

  it('is nothing that was written by hand', () => {
    const made = [null, 7, [], [0, 1], [0.5, 1, [], LIFE], [0, 1, 'A', LIFE], ['0', 1, [], LIFE]];
    for (const token of [
      '',
      'live',
      '?',
      ...made.map((one) => Buffer.from(JSON.stringify(one)).toString('base64url')),
    ])
      expect(readWindowToken(token, LIFE)).toBeNull();
  });
});
