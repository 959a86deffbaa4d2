import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { OrielError } from '../errors.js';

/**
 * When the client of a half-closed connection is asked whether it is there, in milliseconds, each from the one before: an answer is nearly always given
 * before. What one that is gone is sent first is refused, and the next thing sent then fails. Afterwards it is asked ever more rarely.
 */
const QUESTIONS = [10, 10];
const LONGEST_PAUSE = 5000;

/** Told of each request as it arrives, also where it then waits. */
export type Arrive = (request: FastifyRequest, reply: FastifyReply) => void;

type Go = (gone?: OrielError) => void;

/** What is under way on one connection. */
interface Line {
  /** Answers that are not sent yet, the next one first. */
  open: Set<ServerResponse>;
  /** Requests that nobody works at yet. */
  waiting: Go[];
  active: number;
  /** Whether nothing is read until those that wait are worked at. */
  full: boolean;
  /** Says the last that is said on it. */
  last?: () => void;
}

/**
 * The requests of each connection. A client may send many before it reads an answer (RFC 9112, section 9.3.2): so many of them are
 * worked at, those behind them wait, and nothing more is read while any do. What is no request is answered after those before it. It
 * may also close its side after the last one (a FIN), and still gets its answers.
 */
export class Pipelines {
  private readonly lines = new WeakMap<Duplex, Line>();

  /** @param most requests of a connection that are worked at at once */
  constructor(private readonly most: number) {}

  /** @param go called now or later, once; with an error where the client went away before */
  enter(socket: Socket, response: ServerResponse, go: Go): void {
    const line = this.lines.get(socket) ?? this.begin(socket);
    let active = false;
    const start: Go = (gone) => {
      active = true;
      line.active++;
      go(gone);
    };
    line.open.add(response);
    response.on('close', () => {
      answered(line, response);
      if (active) this.leave(line, socket);
    });
    if (line.active < this.most) return start();
    line.waiting.push(start);
    line.full = true;
    socket.pause();
  }

  /** Notes an answer that is given without delay, to a request that no hook sees. */
  note(socket: Socket, response: ServerResponse): void {
    const line = this.lines.get(socket) ?? this.begin(socket);
    line.open.add(response);
    response.on('close', () => answered(line, response));
  }

  /** @param last called once all requests so far are answered; never where the client goes away before */
  afterAnswers(socket: Duplex, last: () => void): void {
    const line = this.lines.get(socket);
    if (line && line.open.size > 0) line.last = last;
    else last();
  }

  /** Finds out whether a client that closed its side is still there: what is sent to one that is not comes back as an error. */
  askHalfClosed(socket: Socket, asked = 0): void {
    const pause = QUESTIONS[asked] ?? Math.min(50 * 2 ** (asked - 1), LONGEST_PAUSE);
    setTimeout(() => {
      const [next] = this.lines.get(socket)?.open ?? [];
      if (!next || socket.destroyed) return;
      // An interim answer, which clients pass over (RFC 9110, section 15.2); HTTP/1.0 has none. What is being sent asks by itself.
      if (!next.headersSent && next.req.httpVersion === '1.1') next.writeContinue();
      this.askHalfClosed(socket, asked + 1);
    }, pause).unref();
  }

  private begin(socket: Socket): Line {
    const line: Line = { open: new Set(), waiting: [], active: 0, full: false };
    this.lines.set(socket, line);
    // Who reads the body of a request sets the connection going; what has come after it must not be added to.
    socket.on('resume', () => {
      if (line.waiting.length > 0) socket.pause();
    });
    socket.once('close', () => {
      for (const go of line.waiting.splice(0)) go(gone());
      line.open.clear();
      line.last = undefined;
    });
    return line;
  }

  private leave(line: Line, socket: Socket): void {
    line.active--;
    line.waiting.shift()?.();
    if (!line.full || line.waiting.length > 0) return;
    line.full = false;
    socket.resume();
  }
}

function answered(line: Line, response: ServerResponse): void {
  line.open.delete(response);
  if (line.open.size > 0) return;
  line.last?.();
  line.last = undefined;
}

function gone(): OrielError {
  return new OrielError('malformed', 'aborted', 'The client went away before its request was answered.');
}

/** The first of all hooks: a request arrives when it was read, also where it then waits for those before it. */
export function addPipelines(server: FastifyInstance, pipelines: Pipelines, arrive: Arrive): void {
  // A client that closes its side after its last request is still to be answered; Node would take it for gone.
  Object.assign(server.server, { httpAllowHalfOpen: true });
  server.server.on('connection', (socket) => socket.once('end', () => pipelines.askHalfClosed(socket)));
  server.addHook('onRequest', (request, reply, done) => {
    arrive(request, reply);
    pipelines.enter(request.raw.socket, reply.raw, done);
  });
}
