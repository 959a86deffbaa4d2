import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OrielError } from '../errors.js';

/**
 * An opaque token for the page after a place (its sort key), bound to the question it goes on with. It grants nothing, since the
 * question comes with it each time; the sum over its parts is there so that one that was changed is refused, and not taken for a place
 * where nothing is.
 */
export function writePlace(place: readonly unknown[], question: unknown): string {
  const parts = [fingerprint(question), ...place];
  return Buffer.from(JSON.stringify([fingerprint(parts), ...parts])).toString('base64url');
}

/**
 * @param check makes of the parts of a place what goes on from it; undefined where they are none
 * @throws OrielError `invalid-parameter` when it is not a token, or that of another question
 */
export function readPlace<T>(
  token: string,
  question: unknown,
  check: (parts: readonly unknown[]) => T | undefined,
): T {
  const [mark, ...parts] = partsOf(token);
  const place = check(parts);
  if (place === undefined) throw wrong('This is not a page token.');
  if (mark !== fingerprint(question)) throw wrong('This page token belongs to a query with other filters.');
  return place;
}

/** Says where the next page of a list is: the `Link` of its answer. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, nextPageToken: string): void {
  const url = new URL(request.url, 'http://here');
  url.searchParams.set('pageToken', nextPageToken);
  void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}

function partsOf(token: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const [sum, ...parts] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
    const whole = Buffer.from(JSON.stringify(parsed)).toString('base64url') === token;
    return whole && sum === fingerprint(parts) ? parts : [];
  } catch {
    return []; // which is told as what it is: no token
  }
}

function fingerprint(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12);
}

function wrong(detail: string): OrielError {
  return new OrielError('badParameter', 'invalid-parameter', 'Some query parameters are wrong.', {
    faults: [{ pointer: '/pageToken', detail }],
  });
}
