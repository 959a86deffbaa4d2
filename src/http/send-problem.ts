import type { FastifyReply } from 'fastify';
import type { OrielError } from '../errors.js';
import { PROBLEM_JSON, statusOf, toProblem } from './problem.js';

/** What a handler may have said of the answer that it did not get to give: none of it is true of a problem. */
const OF_THE_ANSWER = [
  'cache-status',
  'content-length',
  'content-location',
  'etag',
  'inference-header-content-length',
  'last-modified',
  'link',
];

/**
 * Makes a reply the problem that an error is, whatever it was to be before.
 * @returns the body to send
 */
export function writeProblem(reply: FastifyReply, error: OrielError, requestId: string): string {
  for (const name of OF_THE_ANSWER) void reply.removeHeader(name);
  void reply
    .code(statusOf(error))
    .header('content-type', PROBLEM_JSON)
    // A problem is of its moment, and the next try must be seen, also where the answer could have been kept.
    .header('cache-control', 'no-store');
  const { retryAfter, allow, accept, acceptEncoding, challenges } = error;
  if (retryAfter !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfter))));
  if (challenges) void reply.header('www-authenticate', [...challenges]);
  if (allow) void reply.header('allow', allow.join(', '));
  if (accept) void reply.header('accept', accept.join(', '));
  if (acceptEncoding) void reply.header('accept-encoding', acceptEncoding.join(', '));
  return JSON.stringify(toProblem(error, requestId, reply.request.url));
}

/** Answers with the problem that an error is. */
export function sendProblem(reply: FastifyReply, error: OrielError, requestId: string): void {
  void reply.send(writeProblem(reply, error, requestId));
}
