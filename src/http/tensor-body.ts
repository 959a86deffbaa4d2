import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OrielError } from '../errors.js';

const BINARY = 'application/octet-stream';
/** The binary extension of the Open Inference Protocol: how many bytes at the start of a body are JSON. */
export const JSON_LENGTH = 'inference-header-content-length';

/**
 * Takes bodies of bytes, on the routes that say `@RouteConfig({ tensors: true })`, and fills in what the clients of the Open
 * Inference Protocol leave out: they send no `Content-Type`, and a body is binary when it has the header for it.
 */
export function acceptTensorBodies(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (request.method === 'POST' && request.url.startsWith('/v2/')) nameBodyType(request.headers);
    done();
  });
  server.addContentTypeParser(BINARY, { parseAs: 'buffer' }, (request, body, done) => {
    if (takesTensors(request)) done(null, body);
    else
      done(
        new OrielError(
          'unsupportedMediaType',
          'unsupported-media-type',
          'The body must be JSON: send it with the header "Content-Type: application/json".',
        ),
      );
  });
}

function nameBodyType(headers: FastifyRequest['headers']): void {
  const type = headers['content-type'];
  if (headers['content-length'] === '0') delete headers['content-type'];
  else if (JSON_LENGTH in headers && (type === undefined || isJson(type))) headers['content-type'] = BINARY;
  else if (type === undefined && hasBody(headers)) headers['content-type'] = 'application/json';
}

function isJson(type: string): boolean {
  return /^application\/json\b/i.test(type);
}

function hasBody(headers: FastifyRequest['headers']): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function takesTensors(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { tensors?: boolean }).tensors === true;
}
