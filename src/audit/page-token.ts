import { createHash } from 'node:crypto';
import { OrielError } from '../errors.js';
import { isUuid } from './id.js';

/** An opaque token for the page after the record `id`, bound to the question it goes on with. */
export function writePageToken(id: string, question: unknown): string {
  return Buffer.from(JSON.stringify([fingerprint(question), id])).toString('base64url');
}

/** @throws OrielError `invalid-parameter` when it is not a token, or that of another question */
export function readPageToken(token: string, question: unknown): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    parsed = undefined;
  }
  const [mark, id] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  if (typeof id !== 'string' || !isUuid(id)) throw wrong('This is not a page token.');
  if (mark !== fingerprint(question)) throw wrong('This page token belongs to a query with other filters.');
  return id;
}

function fingerprint(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12);
}

function wrong(detail: string): OrielError {
  return new OrielError('badParameter', 'invalid-parameter', 'Some query parameters are wrong.', {
    faults: [{ pointer: '/pageToken', detail }],
  });
}
