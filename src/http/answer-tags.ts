import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matchingTag } from './conditional.js';

const IMMUTABLE = 'private, max-age=86400, immutable';

/**
 * Says of an answer that it never changes, and by which tag it is known.
 * @param question all that the answer depends on
 * @returns whether the caller has it already; then 304 is all there is to send
 */
export function isKnown(request: FastifyRequest, reply: FastifyReply, question: unknown): boolean {
  const tag = tagOf(question);
  void reply.header('cache-control', IMMUTABLE);
  return hasTag(request, reply, tag);
}

/** Tags an answer that may change. @returns as `isKnown` */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, content: unknown): boolean {
  void reply.header('cache-control', 'private, no-cache');
  return hasTag(request, reply, tagOf(content));
}

function tagOf(content: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27)}"`;
}

function hasTag(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  const matched = matchingTag(request.headers['if-none-match'], tag);
  void reply.header('vary', 'Accept-Encoding').header('etag', matched ?? tag);
  return matched !== null;
}
