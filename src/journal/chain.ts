/**
 * The chain that makes a change of what is on record show. Everything on record has a `seq`, counted from 1 without a gap over all
 * tables, and a leaf: a digest of its content. Each commit has a head over its leaves and the head before, so that a head stands
 * for all that was on record when it was made. What is erased leaves its leaf behind.
 */
import { sha256 } from './digest.js';

/** Bytes of a leaf and of a head. */
export const DIGEST_BYTES = 32;

/** The head before the first commit. */
export const FIRST_HEAD = Buffer.alloc(DIGEST_BYTES);

/** A leaf: SHA-256 over the name of what it is for (so that no two kinds can be taken for each other) and its parts. */
export function leafOf(kind: string, text: string, ...more: readonly Uint8Array[]): Buffer {
  return sha256(`oriel.${kind}\n${text}\n`, more);
}

/** SHA-256 over the head before, the last `seq` and the time of a commit (8 bytes each, big-endian), and its leaves in order. */
export function headOf(
  before: Uint8Array,
  lastSeq: number,
  time: number,
  leaves: readonly Uint8Array[],
): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64BE(BigInt(lastSeq), 0);
  numbers.writeBigInt64BE(BigInt(time), 8);
  return sha256('oriel.commit\n', [before, numbers, ...leaves]);
}
