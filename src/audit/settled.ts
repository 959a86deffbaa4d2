import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { matchingTag } from '../http/conditional.js';
import { InFlight } from '../http/in-flight.js';
import { JournalService } from '../journal/journal.service.js';

/** How long after its answer a record may still wait for the disk in buffered mode, in milliseconds; as long as nothing is stuck. */
const BUFFERED_MARGIN = 5000;
const IMMUTABLE = 'private, max-age=86400, immutable';

/** Knows up to when the record is complete: a page of what lies before is the same whenever it is read. */
@Injectable()
export class SettledPast {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly inFlight: InFlight,
    private readonly journal: JournalService,
  ) {}

  /** Epoch milliseconds: every request that arrived before is on record, or never will be. */
  get until(): number {
    const oldest = this.inFlight.oldest ?? Date.now();
    if (this.settings.audit === 'strict') return oldest;
    return this.journal.waiting > 0 ? 0 : Math.min(oldest, Date.now() - BUFFERED_MARGIN);
  }
}

/**
 * Says of an answer that it never changes, and by which tag it is known.
 * @param question all that the answer depends on
 * @returns whether the caller has it already; then 304 is all there is to send
 */
export function isKnown(request: FastifyRequest, reply: FastifyReply, question: unknown): boolean {
  const tag = tagOf(question);
  void reply.header('cache-control', IMMUTABLE);
  return hasTag(request, reply, tag);
}

/** Tags an answer that may change. @returns as `isKnown` */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, content: unknown): boolean {
  void reply.header('cache-control', 'private, no-cache');
  return hasTag(request, reply, tagOf(content));
}

function tagOf(content: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27)}"`;
}

function hasTag(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  const matched = matchingTag(request.headers['if-none-match'], tag);
  void reply.header('vary', 'Accept-Encoding').header('etag', matched ?? tag);
  return matched !== null;
}
