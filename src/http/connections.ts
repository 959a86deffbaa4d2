import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Settings } from '../config/settings.js';
import type { Refusals } from './refusals.js';

export type ConnectionLimits = Pick<Settings, 'connections' | 'connectionsEach' | 'requestTimeout'>;

/** How far a client is with what it was sent. */
interface Progress {
  taken: number;
  left: number;
  since: number;
}

/** The open connections: how many there may be, and how long one may take nothing of what waits for it. */
export class Connections {
  private readonly sockets = new Set<Socket>();
  private readonly bySource = new Map<string, number>();
  private readonly slow = new Map<Socket, Progress>();

  /** @param clock milliseconds */
  constructor(
    private readonly limits: ConnectionLimits,
    private readonly refusals: Refusals,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** How many there are. */
  get open(): number {
    return this.sockets.size;
  }

  watch(server: Server): void {
    const { connections, requestTimeout } = this.limits;
    server.maxConnections = connections;
    server.on('drop', () => this.refusals.add('connections-full'));
    server.on('connection', (socket: Socket) => this.enter(socket));
    const looking = setInterval(() => this.look(), Math.min(1000, Math.max(50, requestTimeout / 4)));
    looking.unref();
    server.once('close', () => clearInterval(looking));
  }

  private enter(socket: Socket): void {
    const source = socket.remoteAddress ?? '';
    const others = this.bySource.get(source) ?? 0;
    const { connectionsEach } = this.limits;
    if (connectionsEach > 0 && others >= connectionsEach) {
      this.refusals.add('source-connections-full');
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    this.bySource.set(source, others + 1);
    socket.once('close', () => this.leave(socket, source));
  }

  private leave(socket: Socket, source: string): void {
    this.sockets.delete(socket);
    this.slow.delete(socket);
    const left = (this.bySource.get(source) ?? 1) - 1;
    if (left > 0) this.bySource.set(source, left);
    else this.bySource.delete(source);
  }

  /** Cuts off whoever has taken nothing of a waiting answer for too long. */
  look(): void {
    const now = this.clock();
    for (const socket of this.sockets) {
      if (socket.writableLength === 0) {
        if (this.slow.size > 0) this.slow.delete(socket);
        continue;
      }
      const taken = socket.bytesWritten - socket.writableLength;
      const left = unsent(socket);
      const known = this.slow.get(socket);
      if (!known || known.taken !== taken || known.left !== left)
        this.slow.set(socket, { taken, left, since: now });
      else if (now - known.since >= this.limits.requestTimeout) {
        this.refusals.add('client-stalled');
        socket.destroy();
      }
    }
  }
}

/** Bytes of the write under way that the system has not taken yet; it tells of no other progress of a long one. */
function unsent(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { _handle?: { writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
