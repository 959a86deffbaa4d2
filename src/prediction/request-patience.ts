import type { FastifyReply, FastifyRequest } from 'fastify';
import { openContext } from '../http/request-context.js';
import type { ModelVersion } from './model-version.js';
import { requestTimeout, type Patience } from './patience.js';

/** How long the caller of a request waits for a version; `asked` is what its body says of it, in milliseconds. */
export type PatienceFor = (version: ModelVersion, asked?: number) => Patience;

/**
 * The patience of a request's caller: the header `Request-Timeout`, else what its body asks for, else the model's deadline. A
 * caller whose connection is gone has none.
 * @throws OrielError `invalid-header`
 */
export function patienceOf(request: FastifyRequest, reply: FastifyReply): PatienceFor {
  const header = requestTimeout(request.headers['request-timeout']);
  const { startedAt } = openContext(request, reply);
  const { socket } = request.raw;
  const gone = (): boolean => socket.destroyed;
  return (version, asked) => ({ deadline: startedAt + (header ?? asked ?? version.parts.deadline), gone });
}
