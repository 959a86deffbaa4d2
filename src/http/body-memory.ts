import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { OrielError } from '../errors.js';

/** A body that is shorter does not count: there are no more of them than connections and their pipelines. */
export const SHORT_BODY = 64 * 1024;

/** Bounds how many bytes of bodies are held whole at once, over all requests. They count as they come: who only announces many has none. */
export class BodyMemory {
  private bytes = 0;

  constructor(private readonly most: number) {}

  /** Bytes that are held now. */
  get held(): number {
    return this.bytes;
  }

  /** Counts a body from now on until its answer is sent, or its connection gone; ends it with an error where there is no room. */
  watch(body: Readable, response: ServerResponse): void {
    const { socket } = response.req;
    let own = 0;
    let over = false;
    const release = (): void => {
      over = true;
      socket.off('close', release);
      this.bytes -= counted(own);
      own = 0;
    };
    response.once('close', release);
    socket.once('close', release); // a pipelined answer that is never sent does not close
    body.on('data', (chunk: Buffer) => {
      if (over) return;
      const more = counted(own + chunk.length) - counted(own);
      if (this.bytes + more > this.most) {
        release();
        // Who has refused the body already, as too long, no longer listens.
        if (body.listenerCount('error') > 0) body.emit('error', bodiesFull());
        return;
      }
      own += chunk.length;
      this.bytes += more;
    });
  }
}

function counted(bytes: number): number {
  return bytes > SHORT_BODY ? bytes : 0;
}

function bodiesFull(): OrielError {
  const detail = 'The bodies that are being read take all the memory that they may (ORIEL_BODY_MEMORY).';
  return new OrielError('unavailable', 'bodies-full', detail, { retryAfter: 1 });
}
