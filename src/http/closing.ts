import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';

/** How often a server that closes looks for connections that have become idle. */
const LOOK_MS = 50;
/** How long a connection may stay silent while the server closes. */
const SILENT_MS = 500;

/**
 * Ends, when the server closes, the connections on which nothing is under way. Node does that once, for those that are idle
 * just then; one whose answer was still being written would hold the process until it timed out, and so would one on which
 * nothing was ever said (browsers open such in advance; Node counts them as busy).
 * @returns cuts all others off, and says how many there were
 */
export function endIdleConnections(server: FastifyInstance): () => number {
  const open = new Set<Socket>();
  let looking: NodeJS.Timeout | undefined;
  server.server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.addHook('preClose', (done) => {
    // One that was made just now may be about to ask.
    setTimeout(() => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    }, SILENT_MS).unref();
    looking = setInterval(() => server.server.closeIdleConnections(), LOOK_MS);
    done();
  });
  server.server.on('close', () => clearInterval(looking));
  return () => {
    const cut = open.size;
    for (const socket of open) socket.destroy();
    return cut;
  };
}
