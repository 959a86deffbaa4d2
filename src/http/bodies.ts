import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import type { Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { hasMoreContainers, isNestedDeeper } from '../json-depth.js';
import { noteUnhurried } from './broken-requests.js';
import {
  BYTES_TYPE,
  checkBodyType,
  CSV_TYPE,
  EVENT_BATCH_TYPE,
  EVENT_TYPE,
  JSON_TYPE,
  mediaTypesOf,
  NDJSON_TYPE,
} from './media-types.js';
import { bodyTooLarge } from './problem.js';

/** A body that its handler reads as it comes (see `MediaTypes.streams`); unpacked, if it was sent in gzip or br. */
export class BodyStream {
  constructor(
    /** Such as `text/csv`. */
    readonly type: string,
    readonly bytes: Readable,
  ) {}
}

/** The name under which Fastify knows bodies that are not collected. Nobody can send it: no route takes it. */
const STREAMED = 'application/vnd.oriel.streamed';

/** Refuses a body that its route does not take, or that says it is too long, and keeps Fastify from collecting one that the handler reads as it comes. */
export function chooseBody(request: FastifyRequest): void {
  const type = checkBodyType(request);
  if (type === null || !request.context) return checkLength(request);
  request.context.streamed = type;
  noteUnhurried(request.raw);
  request.headers['content-type'] = STREAMED;
}

/** @throws OrielError `body-too-large`, before any of it is read */
function checkLength({ headers, routeOptions }: FastifyRequest): void {
  const length = headers['content-length'];
  if (length !== undefined && Number(length) > routeOptions.bodyLimit)
    throw bodyTooLarge(routeOptions.bodyLimit);
}

/** What JSON may be made of. */
export type JsonBounds = Pick<Settings, 'jsonDepth' | 'jsonContainers'>;

/** Before JSON is parsed. @throws OrielError `json-too-deep`, `too-many-containers` */
export function checkJson(text: string, { jsonDepth, jsonContainers }: JsonBounds): void {
  if (isNestedDeeper(text, jsonDepth)) {
    const detail = `The JSON of the request is nested more than ${jsonDepth} deep (ORIEL_JSON_DEPTH).`;
    throw new OrielError('malformed', 'json-too-deep', detail);
  }
  checkContainers(text, jsonContainers);
}

function checkContainers(text: string, most: number): void {
  if (!hasMoreContainers(text, most)) return;
  const detail = `The JSON of the request has more than ${most} arrays and objects (ORIEL_JSON_CONTAINERS).`;
  throw new OrielError('tooLarge', 'too-many-containers', detail);
}

type Parsed = (error: Error | null, body?: unknown) => void;

/** Reads the kinds of body that routes can take, each as a handler wants it, and keeps texts for the record. */
export function acceptBodies(server: FastifyInstance, bounds: JsonBounds): void {
  server.removeAllContentTypeParsers();
  /** For a handler that parses it by itself; all of it is values at once there too, also that of many lines. */
  const asText = (request: FastifyRequest, text: string, done: Parsed): void => {
    if (request.context) request.context.body = { text, json: false };
    try {
      checkContainers(text, bounds.jsonContainers);
      done(null, text);
    } catch (error) {
      done(error as OrielError);
    }
  };
  server.addContentTypeParser(
    [JSON_TYPE, EVENT_TYPE, EVENT_BATCH_TYPE],
    { parseAs: 'string' },
    (request, body, done) => {
      const text = body as string;
      const context = request.context;
      if (mediaTypesOf(request).asText) return asText(request, text, done);
      try {
        checkJson(text, bounds);
        const value: unknown = JSON.parse(text);
        if (context) context.body = { text, json: true };
        done(null, value);
      } catch (error) {
        if (context) context.body = { text, json: false };
        done(error instanceof OrielError ? error : malformed(text, error));
      }
    },
  );
  server.addContentTypeParser(NDJSON_TYPE, { parseAs: 'string' }, (request, body, done) =>
    asText(request, body as string, done),
  );
  server.addContentTypeParser(CSV_TYPE, { parseAs: 'string' }, (request, body, done) => {
    if (request.context) request.context.body = { text: body as string, json: false };
    done(null, body);
  });
  server.addContentTypeParser(BYTES_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addContentTypeParser(STREAMED, (request, bytes: Readable, done) =>
    done(null, new BodyStream(request.context?.streamed ?? '', bytes)),
  );
}

function malformed(text: string, error: unknown): OrielError {
  if (text.trim() === '')
    return new OrielError('malformed', 'empty-body', 'The body is empty; it must be JSON.');
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const where = position === undefined ? 'it ends too early' : `see character ${position}`;
  return new OrielError('malformed', 'malformed-json', `The body is not valid JSON: ${where}.`);
}
