import fc from 'fast-check';
import { UUID } from 'uuidv7';
import { bytesToUuid, firstIdAt, isUuid, timeOfId, uuidToBytes } from './id.js';

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
/** UUIDv7s as the server makes them, at any time. */
const ids = fc
  .tuple(times, fc.nat(0xfff), fc.nat(2 ** 30 - 1), fc.nat(2 ** 32 - 1))
  .map(([time, a, high, low]) => UUID.fromFieldsV7(time, a, high, low).toString());

describe('ids', () => {
  it('are the same as their bytes, in the same order', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        expect(bytesToUuid(uuidToBytes(a))).toBe(a);
        expect(uuidToBytes(a)).toHaveLength(16);
        expect(Math.sign(Buffer.compare(uuidToBytes(a), uuidToBytes(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('say when their request arrived', () => {
    fc.assert(
      fc.property(times, fc.nat(0xfff), (time, rest) => {
        const bytes = uuidToBytes(UUID.fromFieldsV7(time, rest, 1, 2).toString());
        expect(timeOfId(bytes)).toBe(time);
        expect(timeOfId(Uint8Array.from(bytes))).toBe(time);
      }),
    );
  });

  it('are at or above the first id of a time exactly when they arrived at or after it', () => {
    fc.assert(
      fc.property(ids, times, (id, time) => {
        const bytes = uuidToBytes(id);
        expect(Buffer.compare(bytes, firstIdAt(time)) >= 0).toBe(timeOfId(bytes) >= time);
      }),
    );
  });

  it('have a first one also for times that no id can have', () => {
    expect(firstIdAt(-5)).toEqual(Buffer.alloc(16));
    expect(timeOfId(firstIdAt(8.64e15))).toBe(2 ** 48 - 1);
  });

  it('have one form only', () => {
    fc.assert(fc.property(ids, (id) => expect(isUuid(id) && isUuid(id.toUpperCase())).toBe(true)));
    for (const text of [
      '',
      'x',
      '0198c0de-0000-7000-8000-00000000000',
      '0198c0de000070008000000000000001',
      ' 0198c0de-0000-7000-8000-000000000001',
    ])
      expect(isUuid(text)).toBe(false);
  });
});
