import type { FastifyInstance } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Answers `Expect: 100-continue` (RFC 9110, section 10.1.1) once the body is about to be read, and not, as Node would, as soon as the
 * head is there: who is refused by its head sends no body.
 */
export function continueBodies(server: FastifyInstance): void {
  const waiting = new WeakSet<IncomingMessage>();
  server.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request);
    server.server.emit('request', request, response);
  });
  server.addHook('preParsing', (request, reply, payload, done) => {
    if (request.headers.expect !== undefined && waiting.delete(request.raw)) reply.raw.writeContinue();
    done(null, payload);
  });
}
