import type { FastifyRequest } from 'fastify';
import { OrielError } from '../errors.js';

/** What a route says of its bodies, in and out: `@RouteConfig({ consumes: […] } satisfies MediaTypes)`. */
export interface MediaTypes {
  /** Kinds of body that are read whole before the handler runs; JSON where a route says nothing. */
  consumes?: readonly string[];
  /** Kinds of body that the handler reads as they come: it gets a `BodyStream`, and no limit is held against its length. A kind
   * that is also in `consumes` comes so only where it is not known to be short. */
  streams?: readonly string[];
  /** Whether a JSON body comes to the handler as its text, which that parses itself. */
  asText?: boolean;
  /** Kinds of answer, the preferred one first; JSON where a route under `/v1` or `/v2` says nothing; its handler's affair where empty. */
  produces?: readonly string[];
}

export const JSON_TYPE = 'application/json';
export const CSV_TYPE = 'text/csv';
export const NDJSON_TYPE = 'application/x-ndjson';
export const EVENT_TYPE = 'application/cloudevents+json';
export const EVENT_BATCH_TYPE = 'application/cloudevents-batch+json';
/** Server-sent events (HTML Living Standard, section 9.2). */
export const EVENT_STREAM_TYPE = 'text/event-stream';
export const BYTES_TYPE = 'application/octet-stream';

const JSON_ONLY: readonly string[] = [JSON_TYPE];
const NONE: readonly string[] = [];

export function mediaTypesOf(request: FastifyRequest): MediaTypes {
  return request.routeOptions.config as MediaTypes;
}

/** Kinds of answer that the route of a request has; undefined where any `Accept` will do, as for the documentation. */
export function producedBy(request: FastifyRequest): readonly string[] | undefined {
  return mediaTypesOf(request).produces ?? (/^\/v[12]\//.test(request.url) ? JSON_ONLY : undefined);
}

/**
 * Holds the body that a request announces against what its route takes, before any of it is read.
 * @returns the kind of a body that the route reads as it comes, else null
 * @throws OrielError `unsupported-media-type`
 */
export function checkBodyType(request: FastifyRequest): string | null {
  const { method, headers } = request;
  const given = headers['content-type'];
  const { consumes = JSON_ONLY, streams = NONE } = mediaTypesOf(request);
  if (given === JSON_TYPE && consumes === JSON_ONLY) return null; // nearly always
  if (method === 'GET' || method === 'HEAD') return null; // whose bodies nobody reads
  if (given === undefined) {
    // Where a QUERY says nothing of its body Fastify refuses it, as its RFC wants: it is malformed.
    if (!hasBody(headers) || method === 'QUERY') return null;
    throw unsupportedMediaType([...consumes, ...streams]);
  }
  const type = (given.split(';', 1)[0] as string).trim().toLowerCase();
  if (consumes.includes(type) && (!streams.includes(type) || isShort(request))) return null;
  if (streams.includes(type)) return type;
  throw unsupportedMediaType([...consumes, ...streams]);
}

/** Whether a body says that it is no longer than one that may be held whole; one that is packed says nothing of that. */
function isShort({ headers, routeOptions }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return (
    length !== undefined &&
    headers['content-encoding'] === undefined &&
    Number(length) <= routeOptions.bodyLimit
  );
}

export function hasBody(headers: FastifyRequest['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || !['0', undefined].includes(headers['content-length']);
}

function unsupportedMediaType(taken: readonly string[]): OrielError {
  const detail =
    taken.length === 1 && taken[0] === JSON_TYPE
      ? 'The body must be JSON: send it with the header "Content-Type: application/json".'
      : `The header "Content-Type" must name one of the kinds of body that are taken here: ${taken.join(', ')}.`;
  return new OrielError('unsupportedMediaType', 'unsupported-media-type', detail, { accept: taken });
}
