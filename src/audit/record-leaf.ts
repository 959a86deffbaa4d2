import { randomFillSync } from 'node:crypto';
import { leafOf } from '../journal/chain.js';
import { hmacSha256 } from '../journal/digest.js';

/** The content of a record that its leaf stands for, in this order; the names that records share are in it as themselves. */
export type LeafContent = readonly [
  seq: number,
  id: string,
  method: string,
  route: string,
  path: string | null,
  status: number,
  outcome: string,
  problem: string | null,
  principal: string,
  source: string,
  userAgent: string,
  traceId: string | null,
  clientRequestId: string | null,
  totalUs: number,
  queueUs: number | null,
  runUs: number | null,
  model: string | null,
  version: string | null,
  digest: string | null,
  batch: number | null,
  cache: string | null,
  lost: number | null,
];

/** What a record keeps of input and output, as it was put on disk. */
export type PayloadContent = readonly [
  input: string | null,
  output: string | null,
  truncated: string | null,
  redacted: string | null,
];

const SALT_BYTES = 16;
/** Random bytes are drawn for many payloads at once: a draw costs more than a digest. */
const pool = Buffer.alloc(256 * SALT_BYTES);
let used = pool.length;

/** A key for one payload. It is kept with the payload and goes with it, so that nobody can try out what an erased one was. */
export function newSalt(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const salt = Buffer.from(pool.subarray(used, used + SALT_BYTES));
  used += SALT_BYTES;
  return salt;
}

/** HMAC-SHA-256 of a payload under its salt. */
export function payloadDigest(salt: Uint8Array, payload: PayloadContent): Buffer {
  return hmacSha256(salt, JSON.stringify(payload));
}

/** @param payload the digest of the payload; absent where the record has none */
export function recordLeaf(content: LeafContent, payload: Uint8Array | null): Buffer {
  const text = JSON.stringify(content);
  return payload ? leafOf('record', text, payload) : leafOf('record', text);
}
