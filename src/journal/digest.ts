/**
 * SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) of what is short. A commit takes three digests a record, and of a few hundred bytes an object
 * that is fed and asked costs more than the digest; so the bytes are laid out first and hashed by one call.
 */
import { createHash, createHmac, hash } from 'node:crypto';

/** Bytes of a block, to which a key is filled up. */
const BLOCK = 64;
/** Bytes of a text's longest UTF-16 unit in UTF-8. */
const WIDEST = 3;
const INNER = 0x36;
const OUTER = 0x5c;

const scratch = Buffer.allocUnsafeSlow(64 * 1024);
const outer = Buffer.allocUnsafeSlow(BLOCK + 32);

/** SHA-256 of a text in UTF-8 and the parts after it: 32 bytes. */
export function sha256(text: string, parts: readonly Uint8Array[]): Buffer {
  let most = text.length * WIDEST;
  for (const part of parts) most += part.length;
  if (most > scratch.length) {
    const long = createHash('sha256').update(text);
    for (const part of parts) long.update(part);
    return long.digest();
  }
  let end = scratch.write(text, 0);
  for (const part of parts) {
    scratch.set(part, end);
    end += part.length;
  }
  return ofScratch(end);
}

/**
 * HMAC-SHA-256 of a text in UTF-8: 32 bytes.
 * @param key at most 64 bytes
 */
export function hmacSha256(key: Uint8Array, text: string): Buffer {
  if (key.length > BLOCK || BLOCK + text.length * WIDEST > scratch.length)
    return createHmac('sha256', key).update(text).digest();
  for (let at = 0; at < BLOCK; at++) {
    const byte = key[at] ?? 0;
    scratch[at] = byte ^ INNER;
    outer[at] = byte ^ OUTER;
  }
  const end = BLOCK + scratch.write(text, BLOCK);
  outer.write(hash('sha256', scratch.subarray(0, end), 'binary'), BLOCK, 'binary');
  return Buffer.from(hash('sha256', outer, 'binary'), 'latin1');
}

/** A short text comes out of the runtime at a fraction of what a buffer of its own costs. */
function ofScratch(end: number): Buffer {
  return Buffer.from(hash('sha256', scratch.subarray(0, end), 'binary'), 'latin1');
}
