import type { FastifyInstance } from 'fastify';
import { OrielError } from '../errors.js';

/** Reads `text/csv` as a text, for routes that say they take it (`@RouteConfig({ consumes: ['text/csv'] })`) and no other. */
export function acceptCsvBodies(server: FastifyInstance): void {
  server.addContentTypeParser('text/csv', { parseAs: 'string' }, (request, body, done) => {
    const { consumes } = request.routeOptions.config as { consumes?: readonly string[] };
    if (request.is404) return done(null);
    if (!consumes?.includes('text/csv')) return done(unsupported());
    const text = body as string;
    if (request.context) request.context.body = { text, json: false };
    done(null, text);
  });
}

function unsupported(): OrielError {
  return new OrielError(
    'unsupportedMediaType',
    'unsupported-media-type',
    'The body must be JSON here: send it with the header "Content-Type: application/json".',
  );
}
