import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { uuidv7 } from 'uuidv7';
import { ReadersService } from '../../database/readers.service.js';
import { OrielError } from '../../errors.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { noParameters } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { readHold } from './body.js';
import { AUDIT_HOLD, AUDIT_RELEASE, MAX_HOLDS, type Hold } from './messages.js';
import { HOLD_BODY, HoldDto, HoldListDto } from './retention.dto.js';
import { RetentionService } from './retention.service.js';

@ApiTags('audit')
@Controller({ path: 'audit/holds', version: '1' })
export class HoldsController {
  constructor(
    private readonly readers: ReadersService,
    private readonly retention: RetentionService,
  ) {}

  @InArea('admin')
  @Post()
  @ApiOperation({ summary: 'Hold records: none of them is pruned or erased until the hold is released' })
  @ApiBody({ schema: HOLD_BODY })
  @ApiCreatedResponse({ type: HoldDto, description: 'It is in force, and on record.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(409, `There are ${MAX_HOLDS} holds in force, and no more can be.`)
  @ApiProblem(422, 'Some of it is wrong or unknown: all is named.')
  async hold(@Body() body: unknown, @Query(noParameters()) _none: unknown): Promise<object> {
    const hold: Hold = { id: uuidv7(), time: Date.now(), ...readHold(body) };
    if ((await this.retention.ask(AUDIT_HOLD, hold)) === 'tooMany')
      throw new OrielError(
        'conflict',
        'too-many-holds',
        `There are ${MAX_HOLDS} holds in force, and no more can be.`,
      );
    return shown(hold);
  }

  @InArea('audit')
  @Get()
  @ApiOperation({ summary: 'List the holds in force' })
  @ApiOkResponse({ type: HoldListDto, description: 'Oldest first.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  async list(@Query(noParameters()) _none: unknown): Promise<object> {
    const holds = await this.readers.query<Hold[]>('audit.holds', undefined);
    return { items: holds.map(shown) };
  }

  @InArea('admin')
  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Release a hold' })
  @ApiNoContentResponse({ description: 'It is released, and that is on record.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(404, 'There is no hold with this id in force.')
  async release(@Param('id') id: string, @Query(noParameters()) _none: unknown): Promise<void> {
    const release = { id: id.toLowerCase(), time: Date.now() };
    if ((await this.retention.ask(AUDIT_RELEASE, release)) === 'unknown')
      throw new OrielError('notFound', 'unknown-hold', 'There is no hold with this id in force.');
  }
}

function shown({ id, time, reason, filter: { from, to, ...texts } }: Hold): object {
  const times = Object.entries({ from, to }).flatMap(([name, ms]) =>
    ms === undefined ? [] : [[name, new Date(ms).toISOString()]],
  );
  return {
    id,
    time: new Date(time).toISOString(),
    reason,
    filter: { ...texts, ...(Object.fromEntries(times) as object) },
  };
}
