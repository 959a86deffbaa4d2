import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { uuidv7 } from 'uuidv7';
import { ReadersService } from '../../database/readers.service.js';
import { OrielError } from '../../errors.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { noParameters } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { isUuid } from '../id.js';
import { readErasure } from './body.js';
import { AUDIT_ERASE, MAX_ERASURES, type Erasure } from './messages.js';
import { ERASURE_BODY, ErasureDto } from './retention.dto.js';
import { RetentionService } from './retention.service.js';

@ApiTags('audit')
@Controller({ path: 'audit/erasures', version: '1' })
export class ErasuresController {
  constructor(
    private readonly readers: ReadersService,
    private readonly retention: RetentionService,
  ) {}

  @InArea('admin')
  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Erase the records of a principal, or those named, or only their payloads' })
  @ApiBody({ schema: ERASURE_BODY })
  @ApiAcceptedResponse({
    type: ErasureDto,
    description: 'It goes on by itself, also after a restart; `Location` tells how far.',
  })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(409, `There are ${MAX_ERASURES} erasures that are not done, and no more can be taken.`)
  @ApiProblem(422, 'Some of it is wrong or unknown: all is named.')
  async erase(
    @Body() body: unknown,
    @Query(noParameters()) _none: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    request.audit = { input: '"not kept: it says what is to be forgotten"' };
    const asked = { id: uuidv7(), time: Date.now(), ...readErasure(body) };
    if ((await this.retention.ask(AUDIT_ERASE, asked)) === 'tooMany') {
      const detail = `There are ${MAX_ERASURES} erasures that are not done, and no more can be taken.`;
      throw new OrielError('conflict', 'too-many-erasures', detail);
    }
    void reply.header('location', `/v1/audit/erasures/${asked.id}`);
    const { id, time, reason, payloadsOnly } = asked;
    return shown({ id, time, state: 'running', reason, payloadsOnly, erased: 0, held: 0 });
  }

  @InArea('audit')
  @Get(':id')
  @ApiOperation({ summary: 'How far an erasure is' })
  @ApiOkResponse({ type: ErasureDto, description: 'The erasure.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(404, 'There is no erasure with this id.')
  async one(@Param('id') id: string, @Query(noParameters()) _none: unknown): Promise<object> {
    const erasure = isUuid(id)
      ? await this.readers.query<Erasure | null>('audit.erasure', id.toLowerCase())
      : null;
    if (!erasure) throw new OrielError('notFound', 'unknown-erasure', 'There is no erasure with this id.');
    return shown(erasure);
  }
}

function shown({ time, ...erasure }: Erasure): object {
  return { ...erasure, time: new Date(time).toISOString(), more: erasure.state !== 'done' };
}
