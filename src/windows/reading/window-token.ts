import type { Json } from '../engine/messages.js';

/** Where a window is within its definition. */
export interface WindowPlace {
  start: number;
  end: number;
  /** Canonical JSON. */
  key: string;
}

/** Longest token that the router takes; a window whose key makes a longer one has no address. */
const LONGEST = 1536;

/**
 * The last part of the address of a window; null where its key is too long for one.
 * @param life of the stream: a window of one that began anew has another address, so that none that was cached comes back
 */
export function windowToken({ start, end, key }: WindowPlace, life: string): string | null {
  const token = Buffer.from(`[${start},${end},${key},${JSON.stringify(life)}]`).toString('base64url');
  return token.length <= LONGEST ? token : null;
}

/** @returns null where it is no token, or of another life of the stream */
export function readWindowToken(token: string, life: string): WindowPlace | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (!Array.isArray(parsed)) return null;
    const [start, end, key] = parsed as [unknown, unknown, Json];
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || !Array.isArray(key)) return null;
    const place = { start: start as number, end: end as number, key: JSON.stringify(key) };
    return windowToken(place, life) === token ? place : null; // one window has one address
  } catch {
    return null; // which is what it is: nothing is there
  }
}
