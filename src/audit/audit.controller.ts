import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReadersService } from '../database/readers.service.js';
import { OrielError } from '../errors.js';
import { ApiProblem } from '../http/problem-docs.js';
import { queryPipe } from '../http/query.pipe.js';
import type { RecordPage, RecordPageQuery } from './audit-queries.js';
import { AuditRecordDto, AuditRecordPageDto, ListRecordsQuery, toFilter } from './audit.dto.js';
import { isUuid } from './id.js';
import { readPageToken, writePageToken } from './page-token.js';
import type { AuditRecord } from './record.js';

@ApiTags('audit')
@Controller({ path: 'audit/requests', version: '1' })
export class AuditController {
  constructor(private readonly readers: ReadersService) {}

  @Get()
  @ApiOperation({ summary: 'List requests on record, newest first' })
  @ApiOkResponse({ type: AuditRecordPageDto, description: 'One page; `Link` leads to the next.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  async list(
    @Query(queryPipe()) query: ListRecordsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AuditRecordPageDto> {
    const filter = toFilter(query);
    const after = query.pageToken === undefined ? undefined : readPageToken(query.pageToken, filter);
    const question: RecordPageQuery = { filter, limit: query.limit, after };
    const { items, next } = await this.readers.query<RecordPage>('audit.page', question);
    if (!next) return { items };
    const nextPageToken = writePageToken(next, filter);
    const url = new URL(request.url, 'http://here');
    url.searchParams.set('pageToken', nextPageToken);
    void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
    return { items, nextPageToken };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One request on record, by the X-Request-Id of its answer' })
  @ApiOkResponse({ type: AuditRecordDto, description: 'The record.' })
  @ApiProblem(404, 'There is no record with this id.')
  async one(@Param('id') id: string): Promise<AuditRecord> {
    const record = isUuid(id) ? await this.readers.query<AuditRecord | null>('audit.one', id) : null;
    if (!record) throw new OrielError('notFound', 'unknown-record', 'There is no record with this id.');
    return record;
  }
}
