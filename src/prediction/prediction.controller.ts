import { Controller, Get, HttpCode, Post, QueryMethod, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditNotes } from '../audit/record.js';
import { BodyStream } from '../http/bodies.js';
import { matchingTag } from '../http/conditional.js';
import { CSV_TYPE, JSON_TYPE, NDJSON_TYPE, type MediaTypes } from '../http/media-types.js';
import { checkAcceptable } from '../http/negotiation.js';
import { openContext } from '../http/request-context.js';
import { InArea, RouteConfig } from '../http/route-config.js';
import { BulkService, checkOnError } from './bulk/bulk.service.js';
import { cacheControl, entityTag } from './caching/freshness.js';
import { CACHE_STATUS } from './caching/prediction-cache.service.js';
import { openNotes, targetOf } from './request-target.js';
import { patienceOf } from './request-patience.js';
import { PredictionService } from './prediction.service.js';
import type { Question } from './question.js';

const PATHS = ['predict', 'versions/:version/predict', 'labels/:label/predict'];
const ROWS_OR_BULK = {
  streams: [CSV_TYPE, NDJSON_TYPE],
  produces: [JSON_TYPE, NDJSON_TYPE, CSV_TYPE],
} satisfies MediaTypes;

/**
 * Predictions over named features. `openapi.ts` documents these routes for each loaded model, with its own types. The
 * handlers take the request and the reply whole: a decorator for each part of it would cost more than the check of a row.
 */
@ApiExcludeController()
@Controller({ path: 'models/:model', version: '1' })
export class PredictionController {
  constructor(
    private readonly predictions: PredictionService,
    private readonly bulk: BulkService,
  ) {}

  @InArea('predict')
  @Post(PATHS)
  @HttpCode(200)
  @RouteConfig(ROWS_OR_BULK)
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (request.body instanceof BodyStream) return this.bulk.answer(request.body, request, reply);
    const form = checkAcceptable(request.headers.accept, ROWS_OR_BULK.produces);
    checkOnError(request);
    const notes = openNotes(request);
    const question = this.predictions.check(targetOf(request), request.body, notes);
    if (form === JSON_TYPE) await this.send(question, notes, request, reply);
    else await this.bulk.tell(question, form, notes, request, reply);
  }

  @InArea('predict')
  @Get(PATHS)
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const notes = openNotes(request);
    const query = request.query as Record<string, string | string[]>;
    const question = this.predictions.checkQuery(targetOf(request), query, notes);
    await this.sendIfChanged(question, notes, request, reply);
  }

  /** QUERY (RFC 10008): a POST that is safe, so that its answer may be cached, by the address of the same GET. */
  @InArea('predict')
  @QueryMethod(PATHS)
  @HttpCode(200)
  async query(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const notes = openNotes(request);
    const question = this.predictions.check(targetOf(request), request.body, notes);
    void reply.header('accept-query', '"application/json"');
    const address = question.many ? null : addressOf(request, question.input);
    if (address !== null) void reply.header('content-location', address);
    await this.sendIfChanged(question, notes, request, reply);
  }

  /** The tag is known before there is an answer, so a caller that has it costs no inference. */
  private async sendIfChanged(
    question: Question,
    notes: AuditNotes,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { cache, signature } = question.version.parts;
    void reply
      .header('cache-control', cacheControl(cache, signature.random))
      .header('vary', 'Accept, Accept-Encoding');
    if (!signature.random) {
      const tag = entityTag(question.key);
      const matched = matchingTag(request.headers['if-none-match'], tag);
      void reply.header('etag', matched ?? tag);
      if (matched !== null) {
        notes.input = question.input;
        notes.cache = 'revalidated';
        void reply.code(304).send();
        return;
      }
    }
    await this.send(question, notes, request, reply);
  }

  private async send(
    question: Question,
    notes: AuditNotes,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const patience = patienceOf(request, reply)(question.version);
    const text = await this.predictions.answer(openContext(request, reply), question, notes, patience);
    if (notes.cache !== undefined) void reply.header('cache-status', CACHE_STATUS[notes.cache] ?? '');
    reply.code(200).header('content-type', `${JSON_TYPE}; charset=utf-8`).send(text);
  }
}

/** Longest address that is told, in characters: a longer one many a server and proxy refuses (RFC 9110, section 4.1, asks for 8,000 octets). */
const LONGEST_ADDRESS = 4000;

/** The GET address of the question that a QUERY asks with one row; null where a query cannot say it: for lists, null, or too much. */
function addressOf(request: FastifyRequest, input: string): string | null {
  if (input.length > LONGEST_ADDRESS) return null;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(JSON.parse(input) as Record<string, unknown>)) {
    if (typeof value === 'object') return null;
    query.append(
      name,
      typeof value === 'string' ? value : Object.is(value, -0) ? '-0' : JSON.stringify(value),
    );
  }
  const address = `${request.url.split('?', 1)[0]}?${query.toString()}`;
  return address.length > LONGEST_ADDRESS ? null : address;
}
