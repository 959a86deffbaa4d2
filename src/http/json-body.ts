import type { FastifyInstance } from 'fastify';
import { OrielError } from '../errors.js';

/** Makes JSON the one kind of body that is read, and keeps its text for the record. */
export function acceptJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string;
    const context = request.context;
    try {
      const value: unknown = JSON.parse(text);
      if (context) context.body = { text, json: true };
      done(null, value);
    } catch (error) {
      if (context) context.body = { text, json: false };
      done(malformed(text, error));
    }
  });
}

function malformed(text: string, error: unknown): OrielError {
  if (text.trim() === '')
    return new OrielError('malformed', 'empty-body', 'The body is empty; it must be JSON.');
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const where = position === undefined ? 'it ends too early' : `see character ${position}`;
  return new OrielError('malformed', 'malformed-json', `The body is not valid JSON: ${where}.`);
}
