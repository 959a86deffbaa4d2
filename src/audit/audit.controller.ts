import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReadersService } from '../database/readers.service.js';
import { OrielError } from '../errors.js';
import { linkNext } from '../http/paging.js';
import { ApiProblem, NOT_MODIFIED } from '../http/problem-docs.js';
import { noParameters, queryPipe } from '../http/query.pipe.js';
import { formatDuration } from '../units.js';
import type { RecordPageQuery } from './audit-queries.js';
import { ListRecordsQuery, StatsRecordsQuery, toFilter, toOrder } from './audit.dto.js';
import { AuditRecordDto, AuditRecordPageDto, StatsDto } from './record.dto.js';
import { isUuid } from './id.js';
import { readPageToken, writePageToken } from './page-token.js';
import type { RecordPage } from './record-pages.js';
import type { AuditRecord } from './record.js';
import { isKnown, isUnchanged } from '../http/answer-tags.js';
import { InArea } from '../http/route-config.js';
import { SettledPast } from './settled-past.js';
import { MAX_ITEMS, type StatsAnswer, type StatsQuery } from './stats-queries.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const ITEMS = Buffer.from('{"items":');
const END = Buffer.from('}');

@ApiTags('audit')
@Controller({ path: 'audit', version: '1' })
export class AuditController {
  constructor(
    private readonly readers: ReadersService,
    private readonly past: SettledPast,
  ) {}

  @InArea('audit')
  @Get('requests')
  @ApiOperation({ summary: 'List requests on record, newest first' })
  @ApiOkResponse({
    type: AuditRecordPageDto,
    description: 'One page; `Link` leads to the next. A page that can never change says so (`immutable`).',
  })
  @ApiResponse(NOT_MODIFIED)
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  async list(
    @Query(queryPipe()) query: ListRecordsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = toFilter(query);
    const order = toOrder(query);
    const after =
      query.pageToken === undefined ? undefined : readPageToken(query.pageToken, { filter, order });
    const settled = after === undefined && filter.to !== undefined && filter.to <= this.past.until;
    const question: RecordPageQuery = { filter, order, limit: query.limit, after, settled };
    if (settled || after) {
      const erased = await this.readers.query<number>('audit.lastAct', undefined);
      if (isKnown(request, reply, [question, erased])) return void reply.code(304).send();
    } else void reply.header('cache-control', 'private, no-cache');
    const { items, next } = await this.readers.query<RecordPage>('audit.page', question);
    void reply.type(JSON_TYPE);
    if (!next) return void reply.send(Buffer.concat([ITEMS, items, END]));
    const nextPageToken = writePageToken(next, { filter, order });
    linkNext(request, reply, nextPageToken);
    const token = Buffer.from(`,"nextPageToken":${JSON.stringify(nextPageToken)}}`);
    reply.send(Buffer.concat([ITEMS, items, token]));
  }

  @InArea('audit')
  @Get('stats')
  @ApiOperation({ summary: 'Count requests on record, with percentiles of their latency' })
  @ApiOkResponse({
    type: StatsDto,
    description: 'Buckets in order of time; those without requests are left out.',
  })
  @ApiProblem(400, 'Some parameters are wrong or unknown, or there would be too many items.')
  async stats(@Query(queryPipe()) query: StatsRecordsQuery): Promise<StatsDto> {
    const { by, every } = query;
    const question: StatsQuery = {
      filter: toFilter(query),
      by,
      now: Date.now(),
      ...(every === undefined ? {} : { every }),
    };
    const { items, tooMany } = await this.readers.query<StatsAnswer>('audit.stats', question);
    if (tooMany) {
      const detail = `gives more than ${MAX_ITEMS} items or buckets: ask for a shorter time, longer buckets, or count by less`;
      throw new OrielError('badParameter', 'too-many-items', 'There is too much to count.', {
        faults: [{ pointer: every === undefined ? '/by' : '/every', detail }],
      });
    }
    return { every: every === undefined ? null : formatDuration(every), items: items as StatsDto['items'] };
  }

  @InArea('audit')
  @Get('requests/:id')
  @ApiOperation({ summary: 'One request on record, by the X-Request-Id of its answer' })
  @ApiOkResponse({ type: AuditRecordDto, description: 'The record.' })
  @ApiResponse(NOT_MODIFIED)
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(404, 'There is no record with this id.')
  async one(
    @Param('id') id: string,
    @Query(noParameters()) _none: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const record = isUuid(id) ? await this.readers.query<AuditRecord | null>('audit.one', id) : null;
    if (!record) throw new OrielError('notFound', 'unknown-record', 'There is no record with this id.');
    if (isUnchanged(request, reply, record)) return void reply.code(304).send();
    reply.send(record);
  }
}
