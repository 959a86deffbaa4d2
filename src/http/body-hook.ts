import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Settings } from '../config/settings.js';
import { BodyMemory, SHORT_BODY } from './body-memory.js';
import { requestTimedOut } from './broken-requests.js';
import { hasBody } from './media-types.js';
import { unpack } from './unpack.js';

export type BodyLimits = Pick<Settings, 'bodyMemory' | 'unpackRatio' | 'bodyRate' | 'requestTimeout'>;

/** How long the rest of a body is read and thrown away after its answer, in milliseconds. */
const LINGER = 2000;

/** What every body passes before it is read: unpacking, the bound of all bodies together, and the pace of those read as they come. */
export function addBodyHook(server: FastifyInstance, limits: BodyLimits): void {
  const memory = new BodyMemory(limits.bodyMemory);
  server.addHook('preParsing', (request, reply, payload, done) => {
    const { raw, headers } = request;
    if (!hasBody(headers) || raw.method === 'GET' || raw.method === 'HEAD') return done(null, payload);
    try {
      const coding = headers['content-encoding'];
      const body = coding === undefined ? raw : unpack(raw, coding, limits.unpackRatio);
      if (request.context?.streamed) watchPace(request, reply.raw, body, limits);
      else if (coding !== undefined || mayBeLong(request)) memory.watch(body, reply.raw);
      done(null, body);
    } catch (error) {
      done(error as Error);
    }
  });
}

function mayBeLong({ headers }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return length === undefined || Number(length) > SHORT_BODY;
}

/**
 * A body that is read as it comes may take as long as it does, but not by sending next to nothing. What is counted is what came on the
 * connection, since whoever listened for the bytes would take them from the handler.
 */
function watchPace(
  { raw }: FastifyRequest,
  response: ServerResponse,
  body: Readable,
  { bodyRate, requestTimeout }: BodyLimits,
): void {
  const { socket } = raw;
  const least = Math.max(1, (bodyRate * requestTimeout) / 1000);
  let before = socket.bytesRead;
  const looking = setInterval(() => {
    const came = socket.bytesRead - before;
    before = socket.bytesRead;
    const ours = [raw, body].some((stream) => stream.isPaused() || stream.readableLength > 0);
    if (came >= least || ours) return;
    if (raw.listenerCount('error') > 0) raw.emit('error', requestTimedOut());
    else socket.destroySoon(); // nobody reads it any more
  }, requestTimeout);
  const stop = (): void => clearInterval(looking);
  raw.once('end', stop).once('close', stop).once('error', stop);
  response.once('close', stop);
  // Who was answered before the end, and goes on sending, is not listened to for ever.
  response.once('finish', () => {
    if (!raw.complete) setTimeout(() => raw.complete || socket.destroySoon(), LINGER).unref();
  });
}
