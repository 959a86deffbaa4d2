import type { FastifyRequest } from 'fastify';
import { BYTES_TYPE, hasBody, JSON_TYPE } from './media-types.js';

/** The binary extension of the Open Inference Protocol: how many bytes at the start of a body are JSON. */
export const JSON_LENGTH = 'inference-header-content-length';

/**
 * Fills in what the clients of the Open Inference Protocol leave out: they send no `Content-Type`, and a body is binary when
 * it has the header for it.
 */
export function nameBodyType({ method, url, headers }: FastifyRequest): void {
  if (method !== 'POST' || !url.startsWith('/v2/')) return;
  const type = headers['content-type'];
  if (headers['content-length'] === '0') delete headers['content-type'];
  else if (JSON_LENGTH in headers && (type === undefined || isJson(type)))
    headers['content-type'] = BYTES_TYPE;
  else if (type === undefined && hasBody(headers)) headers['content-type'] = JSON_TYPE;
}

function isJson(type: string): boolean {
  return /^application\/json\b/i.test(type);
}
