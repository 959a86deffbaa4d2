import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { hmacSha256, sha256 } from './digest.js';

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', 'ü'.repeat(40_000), 'x'.repeat(21_845), '€'.repeat(21_846), '\ud800', 'a\0b'),
);
const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 });

describe('digests of what is short', () => {
  it('are SHA-256 of a text and its parts, of any length', () => {
    fc.assert(
      fc.property(texts, parts, (text, more) => {
        const expected = createHash('sha256').update(text);
        for (const part of more) expected.update(part);
        expect(sha256(text, more)).toEqual(expected.digest());
      }),
    );
    const long = new Uint8Array(70_000).fill(7);
    expect(sha256('a', [long])).toEqual(createHash('sha256').update('a').update(long).digest());
  });

  it('are HMAC-SHA-256 of a text, by keys of any length', () => {
    fc.assert(
      fc.property(texts, fc.uint8Array({ maxLength: 130 }), (text, key) => {
        expect(hmacSha256(key, text)).toEqual(createHmac('sha256', key).update(text).digest());
      }),
    );
  });

  it('stay as they are when others are taken', () => {
    const first = sha256('one', []);
    const kept = Buffer.from(first);
    sha256('two', []);
    hmacSha256(Buffer.from('k'), 'three');
    expect(first).toEqual(kept);
  });
});
