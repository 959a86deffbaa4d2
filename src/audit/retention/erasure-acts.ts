import { createHmac, randomBytes } from 'node:crypto';

/** What the act `erasureAsked` says. It stays for ever, so whom or what it is about is in it only as an HMAC under a key that does not. */
export interface ErasureAsked {
  erasure: string;
  payloadsOnly: boolean;
  why?: string;
  /** Hexadecimal; see `subjectOf`. */
  of: string;
}

/** What the act `erasureDone` says: how much is gone, and how much a hold kept. */
export interface ErasureDone {
  erasure: string;
  erased: number;
  held: number;
}

export function newSalt(): Buffer {
  return randomBytes(16);
}

/**
 * Stands for what is to be erased.
 * @param records JSON of their ids, as it is stored
 */
export function subjectOf(salt: Buffer, principal: string | null, records: string | null): string {
  return createHmac('sha256', salt)
    .update(JSON.stringify([principal, records]))
    .digest('hex');
}
