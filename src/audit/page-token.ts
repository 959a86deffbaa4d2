import { createHash } from 'node:crypto';
import { OrielError } from '../errors.js';
import { isUuid } from './id.js';

/** Where a page ended, and what all pages of its query see. */
export interface PageMark {
  /** Id of the last record. */
  id: string;
  /** Its latency in whole microseconds, where the order is by latency. */
  totalUs?: number;
  /** The last `seq` that was on record when the first page was read: what came later is on no page. */
  asOf: number;
}

/**
 * An opaque token for the page after a mark, bound to the question it goes on with. It grants nothing, since the question comes with it
 * each time; the sum over its parts is there so that one that was changed is refused, and not taken for a place of no records.
 */
export function writePageToken({ id, totalUs, asOf }: PageMark, question: unknown): string {
  const parts = [fingerprint(question), id, asOf, ...(totalUs === undefined ? [] : [totalUs])];
  return Buffer.from(JSON.stringify([fingerprint(parts), ...parts])).toString('base64url');
}

/** @throws OrielError `invalid-parameter` when it is not a token, or that of another question */
export function readPageToken(token: string, question: unknown): PageMark {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    parsed = undefined;
  }
  const [sum, ...parts] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  const [mark, id, asOf, totalUs] = parts;
  const numbers = Number.isSafeInteger(asOf) && (totalUs === undefined || Number.isSafeInteger(totalUs));
  const whole =
    sum === fingerprint(parts) && Buffer.from(JSON.stringify(parsed)).toString('base64url') === token;
  if (typeof id !== 'string' || !isUuid(id) || !numbers || !whole) throw wrong('This is not a page token.');
  if (mark !== fingerprint(question)) throw wrong('This page token belongs to a query with other filters.');
  return { id, asOf: asOf as number, ...(totalUs === undefined ? {} : { totalUs: totalUs as number }) };
}

function fingerprint(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12);
}

function wrong(detail: string): OrielError {
  return new OrielError('badParameter', 'invalid-parameter', 'Some query parameters are wrong.', {
    faults: [{ pointer: '/pageToken', detail }],
  });
}
