import type { FastifyRequest } from 'fastify';
import { PredictionNotes, type AuditNotes } from '../audit/record.js';
import { OrielError } from '../errors.js';
import { parseTime } from '../units.js';
import type { Target } from './data-plane.js';

/** The model, and the version or label, that the path of a request names. */
export function targetOf(request: FastifyRequest): Target {
  return request.params as Target;
}

/** What the handler of a request for a prediction is going to tell its record. @throws OrielError `invalid-header` */
export function openNotes(request: FastifyRequest): AuditNotes {
  const notes = new PredictionNotes();
  request.audit = notes;
  const header = request.headers['event-time'];
  if (header !== undefined) notes.eventTime = eventTimeOf(header);
  return notes;
}

/** When a question arose, by the header `Event-Time`. */
function eventTimeOf(header: string | string[]): number {
  const time = typeof header === 'string' ? parseTime(header) : undefined;
  if (time !== undefined) return time;
  throw new OrielError(
    'badParameter',
    'invalid-header',
    'The header Event-Time must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds.',
  );
}
