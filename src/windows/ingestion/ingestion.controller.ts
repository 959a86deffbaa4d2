import { Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  EVENT_BATCH_TYPE,
  EVENT_TYPE,
  JSON_TYPE,
  NDJSON_TYPE,
  type MediaTypes,
} from '../../http/media-types.js';
import { BodyStream } from '../../http/bodies.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { queryPipe } from '../../http/query.pipe.js';
import { InArea, RouteConfig } from '../../http/route-config.js';
import { EVENT_BODIES, IngestDto, IngestQuery } from './ingestion.dto.js';
import { IngestionService } from './ingestion.service.js';
import type { IngestAnswer } from './totals.js';

const EVENTS = {
  consumes: [JSON_TYPE, NDJSON_TYPE, EVENT_TYPE, EVENT_BATCH_TYPE],
  streams: [NDJSON_TYPE],
  asText: true,
} satisfies MediaTypes;

/** Characters of a streamed body that its record may keep. */
const FIRST = 65_536;

/** Takes events. */
@ApiTags('streams')
@Controller({ path: 'streams/:stream', version: '1' })
export class IngestionController {
  constructor(private readonly ingestion: IngestionService) {}

  @InArea('ingest')
  @Post('events')
  @HttpCode(200)
  @RouteConfig(EVENTS)
  @ApiOperation({
    summary: 'Send events to a stream',
    description:
      'They are applied one by one, in the order given. Of a mixed request the good ones are kept; a late event is accepted. ' +
      'A CloudEvent may also come in binary mode: its attributes in headers `ce-…`, its data as the body.',
  })
  @ApiBody({ content: EVENT_BODIES } as never)
  @ApiOkResponse({ type: IngestDto, description: 'What became of them; all that was accepted is on disk.' })
  @ApiProblem(404, 'There is no stream of this name.')
  @ApiProblem(409, 'The stream is built in, or its definition changed under the request.')
  @ApiProblem(
    422,
    '`atomic`, and some events cannot be taken: none was. Each pointer begins with the index of its event.',
  )
  async post(
    @Param('stream') name: string,
    @Query(queryPipe()) { atomic }: IngestQuery,
    @Req() request: FastifyRequest,
  ): Promise<IngestAnswer> {
    const received = Date.now();
    const { headers, context } = request;
    if (request.body instanceof BodyStream) return this.postStream(name, request.body, atomic, request);
    const text = typeof request.body === 'string' ? request.body : '';
    const contentType = headers['content-type'];
    const answer = await this.ingestion.put(name, { contentType, text, headers }, atomic, received);
    // It was read as JSON, so it is.
    if (context?.body && !contentType?.startsWith(NDJSON_TYPE))
      context.body = { text: text.replace(/^\uFEFF/, ''), json: true };
    return answer;
  }

  /** NDJSON that may be longer than what is held whole. Its first part is on record. */
  private async postStream(
    name: string,
    { bytes }: BodyStream,
    atomic: boolean,
    request: FastifyRequest,
  ): Promise<IngestAnswer> {
    if (atomic) return this.ingestion.putWholeStream(name, bytes, request.headers);
    return this.ingestion.putStream(name, bytes, request.headers, (part) => {
      request.audit ??= { input: JSON.stringify(part.slice(0, FIRST)), partial: true };
    });
  }
}
