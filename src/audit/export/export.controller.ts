import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { LongReadsService } from '../../database/long-reads.service.js';
import type { MediaTypes } from '../../http/media-types.js';
import { checkAcceptable } from '../../http/negotiation.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { queryPipe } from '../../http/query.pipe.js';
import { InArea, RouteConfig } from '../../http/route-config.js';
import { toFilter } from '../audit.dto.js';
import { toRange } from '../record-range.js';
import type { ExportQuery } from './export-job.js';
import { ExportStream } from './export-stream.js';
import { ExportRecordsQuery } from './export.dto.js';
import { EXPORT_TYPES, type ExportFormat } from './forms.js';

const FILE = { schema: { type: 'string', format: 'binary' } } as const;
/** `Accept` counts only where the parameter `format` says nothing, so the route itself looks at it. */
const NEGOTIATED: MediaTypes = { produces: [] };
const CHARSETS: Partial<Record<ExportFormat, string>> = { csv: '; charset=utf-8; header=present' };

@ApiTags('audit')
@Controller({ path: 'audit', version: '1' })
export class ExportController {
  constructor(
    private readonly longReads: LongReadsService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @InArea('audit')
  @Get('export')
  @RouteConfig(NEGOTIATED)
  @ApiOperation({ summary: 'The record as a file: all that is on it now, in the order of seq' })
  @ApiOkResponse({
    description: 'Sent as it is read. A file that breaks off can be resumed: by `from`, with the next seq.',
    content: Object.fromEntries(Object.values(EXPORT_TYPES).map((type) => [type, FILE])),
  })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  @ApiProblem(406, 'There is no export in a form that `Accept` names.')
  @ApiProblem(503, 'As many exports and verifications as may be at once are under way.')
  async export(
    @Query(queryPipe()) query: ExportRecordsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { from, to, format = formatOf(request), ...conditions } = query;
    const filter = toFilter(conditions);
    void reply.header('content-type', `${EXPORT_TYPES[format]}${CHARSETS[format] ?? ''}`);
    void reply.header('content-disposition', `attachment; filename="audit.${format}"`);
    void reply.header('cache-control', 'private, no-store');
    void reply.header('vary', 'Accept, Accept-Encoding');
    if (request.method === 'HEAD') return void reply.send(Readable.from([]));
    const question: ExportQuery = { filter, format, ...toRange({ from, to }) };
    reply.send(await this.open(question, reply));
  }

  private async open(question: ExportQuery, reply: FastifyReply): Promise<ExportStream> {
    const lease = await this.longReads.lease();
    try {
      await lease.call('export.open', question);
    } catch (error) {
      lease.release();
      throw error;
    }
    const stream = new ExportStream(lease, this.settings.requestTimeout);
    // Whatever becomes of the answer, a client that left before the first byte included, the thread comes back.
    if (reply.raw.destroyed) stream.destroy();
    else reply.raw.once('close', () => stream.destroy());
    return stream;
  }
}

function formatOf(request: FastifyRequest): ExportFormat {
  const type = checkAcceptable(request.headers.accept, Object.values(EXPORT_TYPES));
  return (
    (Object.keys(EXPORT_TYPES) as ExportFormat[]).find((format) => EXPORT_TYPES[format] === type) ?? 'ndjson'
  );
}
