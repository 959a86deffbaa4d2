import type { FastifyRequest } from 'fastify';
import type { AuditNotes } from '../audit/record.js';
import type { Target } from './data-plane.js';

/** The model, and the version or label, that the path of a request names. */
export function targetOf(request: FastifyRequest): Target {
  return request.params as Target;
}

/** What the handler of a request is going to tell its record. */
export function openNotes(request: FastifyRequest): AuditNotes {
  const notes: AuditNotes = {};
  request.audit = notes;
  return notes;
}
