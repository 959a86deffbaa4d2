import type { FastifyServerOptions } from 'fastify';
import { uuidv7 } from 'uuidv7';
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import type { AnswerGate, BrokenRequest } from './answer-gate.js';
import type { Pipelines } from './pipelines.js';
import { PROBLEM_JSON, statusOf, toProblem } from './problem.js';
import { headersTooLarge, urlTooLong, type HeadLimits } from './request-head.js';

/** What Fastify's types say of `rawPacket` is how it is logged; it is the bytes that were being read. */
type BrokenError = { code: string; rawPacket?: unknown };

/** How long a client may still send after the answer that ends its connection, in milliseconds. */
const LINGER = 2000;

/** What the answer to such a request goes through. */
export interface Ways {
  gate: AnswerGate;
  pipelines: Pipelines;
}

/** The newest request of each connection, and the connections whose fault is told already. */
const newest = new WeakMap<Duplex, IncomingMessage>();
const told = new WeakSet<Duplex>();
/** Requests whose bodies may take as long as they do. */
const unhurried = new WeakSet<IncomingMessage>();

/** To be called as a request arrives: a later fault of its bytes is then the fault of this request. */
export function noteArrival(request: IncomingMessage): void {
  newest.set(request.socket, request);
}

/** Who reads the body of this request watches over its time. */
export function noteUnhurried(request: IncomingMessage): void {
  unhurried.add(request);
}

/** Answers what the HTTP parser refused: it never reaches a hook, yet it leaves a record like everything else. */
export function brokenRequestHandler(
  ways: Ways,
  limits: HeadLimits & Pick<Settings, 'headerTimeout'>,
): NonNullable<FastifyServerOptions['clientErrorHandler']> {
  const handle: NonNullable<FastifyServerOptions['clientErrorHandler']> = (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed || told.has(socket)) return;
    // A connection opened in advance, as browsers do, on which nothing was asked: no request, so nothing to answer or to record.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) return void socket.destroy();
    const request = newest.get(socket);
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && request && unhurried.has(request) && !request.complete)
      return;
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.isPaused()) {
      // It is us who do not read what comes, as behind many pipelined requests. Node tells it once, so it is looked at again.
      setTimeout(() => {
        if (newest.get(socket) === request) handle(error, socket);
      }, limits.headerTimeout).unref();
      return;
    }
    told.add(socket); // whatever else comes on it is read wrongly too
    const problem = problemOf(error, limits);
    if (request && !request.complete) breakBody(request, error.code, problem);
    else refuse(ways, problem, socket, socket.remoteAddress ?? '');
  };
  return handle;
}

/** Answers what Node would answer, or drop, by itself, without a hook and so without a record. */
export function answerEverything(server: Server, ways: Ways): void {
  // Asked once, a socket knows its peer also when it is gone.
  server.on('connection', (socket) => socket.remoteAddress);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const problem = new OrielError('methodNotAllowed', 'method-not-allowed', 'CONNECT is not taken here.');
    const { method = '', url = '', headers } = request;
    const asked = { method, url, userAgent: headers['user-agent'] ?? '' };
    refuse(ways, problem, socket, request.socket.remoteAddress ?? '', asked);
  });
  // An expectation that nobody knows may be ignored (RFC 9110, section 10.1.1): the request is one like others.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** The body of a request went wrong: who reads it is told, and the request ends as any other, on one record. */
function breakBody(request: IncomingMessage, code: string, problem: OrielError): void {
  const wentAway = code === 'HPE_INVALID_EOF_STATE';
  if (wentAway || request.listenerCount('error') === 0) request.socket.destroy();
  else request.emit('error', problem);
}

function refuse(
  { gate, pipelines }: Ways,
  problem: OrielError,
  socket: Duplex,
  source: string,
  asked?: BrokenRequest['asked'],
): void {
  const id = uuidv7();
  const broken = { id, status: statusOf(problem), problem: problem.code, source };
  gate.passBroken(asked ? { ...broken, asked } : broken, (refusal) =>
    pipelines.afterAnswers(socket, () => answer(socket, refusal ?? problem, id)),
  );
}

function problemOf({ code, rawPacket }: BrokenError, limits: HeadLimits): OrielError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimedOut();
    case 'HPE_HEADER_OVERFLOW':
      return hasLongAddress(rawPacket, limits)
        ? urlTooLong(limits.urlLimit)
        : headersTooLarge(limits.headerLimit);
    default:
      return new OrielError('malformed', 'malformed-request', 'This is not a well-formed HTTP request.');
  }
}

/** Whether a head that is too long begins with an address that is: seen where its beginning came with its end. */
function hasLongAddress(packet: unknown, { urlLimit }: HeadLimits): boolean {
  if (!Buffer.isBuffer(packet) || !/^[A-Z]{2,12} \S/.test(packet.subarray(0, 16).toString('latin1')))
    return false;
  const end = packet.indexOf('\r\n');
  return (end < 0 ? packet.length : end) > urlLimit;
}

export function requestTimedOut(): OrielError {
  const detail =
    'The request did not come whole in time (ORIEL_HEADER_TIMEOUT, ORIEL_REQUEST_TIMEOUT, ORIEL_BODY_RATE).';
  return new OrielError('requestTimeout', 'request-timeout', detail);
}

function answer(socket: Duplex, error: OrielError, id: string): void {
  if (!socket.writable) {
    // An answer before it ended the connection, which closes when all of that is sent.
    if (socket.writableLength === 0) socket.destroy();
    return;
  }
  const problem = toProblem(error, id);
  const body = JSON.stringify(problem);
  // A client that does not close its side, too, is not waited for; what it still sends is read, or the answer would be lost to it.
  socket.once('finish', () => setTimeout(() => socket.destroy(), LINGER).unref());
  socket.resume();
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: ${PROBLEM_JSON}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${id}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  );
}
