import type { FastifyServerOptions } from 'fastify';
import { uuidv7 } from 'uuidv7';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { OrielError } from '../errors.js';
import type { AnswerGate } from './answer-gate.js';
import { PROBLEM_JSON, statusOf, toProblem } from './problem.js';

/** Answers what the HTTP parser refused: it never reaches a hook, yet it leaves a record like everything else. */
export function brokenRequestHandler(
  gate: AnswerGate,
): NonNullable<FastifyServerOptions['clientErrorHandler']> {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const problem = problemOf(error.code);
    const id = uuidv7();
    gate.passBroken(
      { id, status: statusOf(problem), problem: problem.code, source: socket.remoteAddress ?? '' },
      (refusal) => answer(socket, refusal ?? problem, id),
    );
  };
}

function problemOf(code: string): OrielError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new OrielError(
        'requestTimeout',
        'request-timeout',
        'The request did not come whole in time (ORIEL_REQUEST_TIMEOUT).',
      );
    case 'HPE_HEADER_OVERFLOW':
      return new OrielError(
        'headersTooLarge',
        'headers-too-large',
        'The headers of the request are too large.',
      );
    default:
      return new OrielError('malformed', 'malformed-request', 'This is not a well-formed HTTP request.');
  }
}

function answer(socket: Socket, error: OrielError, id: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const problem = toProblem(error, id);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: ${PROBLEM_JSON}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${id}\r\nconnection: close\r\n\r\n${body}`,
  );
}
