import type { FastifyReply, FastifyRequest } from 'fastify';
import { uuidv7 } from 'uuidv7';
import type { Scope } from './front-door.js';
import type { RouteFigures } from './http-figures.js';
import type { RequestTrace } from './request-trace.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the first hook; null only before it. */
    context: RequestContext | null;
  }
}

/** What is known of a request from its arrival on. */
export class RequestContext {
  /** UUIDv7: the `X-Request-Id` of the answer and the id of the record. */
  readonly id = uuidv7();
  /** On the monotonic clock, in milliseconds. */
  readonly startedAt = performance.now();
  /** Who asks; empty while nobody has to say. */
  principal = '';
  /** What they may do; empty while nobody has to say who they are. */
  roles: readonly string[] = [];
  /** What they may see of what has a name; null until they are let in. */
  scope: Scope | null = null;
  /** The code of the problem that was answered. */
  problem: string | null = null;
  /** The body as it came, once it was read, and whether it was JSON. */
  body: { text: string; json: boolean } | null = null;
  /** The kind of a body that its handler reads as it comes. */
  streamed: string | null = null;
  /** Whether the answer passes the gate by its end and not by its head, since only then all of it is known. */
  passesLater = false;
  /** The status that an answer would have had whose end was cut off after its head was sent. */
  cutShort: number | null = null;

  /** Where it is counted once it is over. */
  figures: RouteFigures | null = null;
  /** What a collector of traces will be told of it; null where it is not traced. */
  trace: RequestTrace | null = null;

  /** @param source address of the client, empty when its connection was gone before anybody could ask */
  constructor(readonly source: string) {}
}

const DOCS = /^\/docs(?:[/?]|$)/;
/** The page of the documentation is made of its own files, styles itself, and asks this server only. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The context of a request, made at the first call; the answer gets its `X-Request-Id` then. */
export function openContext(request: FastifyRequest, reply: FastifyReply): RequestContext {
  if (request.context) return request.context;
  const context = new RequestContext(request.ip || '');
  request.context = context;
  void reply.header('x-request-id', context.id);
  void reply.header('x-content-type-options', 'nosniff');
  if (DOCS.test(request.url)) void reply.header('content-security-policy', DOCS_POLICY);
  return context;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/**
 * The trace id of a `traceparent` header, or null (W3C Trace Context, section 3.2). Version 00 ends after the flags, a later
 * one may go on; version ff and ids of zeros are not valid.
 */
export function traceIdOf(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null;
  const [, version, traceId, parentId, more] = TRACEPARENT.exec(header) ?? [];
  if (!traceId || !parentId || version === 'ff' || (version === '00' && more !== undefined)) return null;
  return /^0+$/.test(traceId) || /^0+$/.test(parentId) ? null : traceId;
}
