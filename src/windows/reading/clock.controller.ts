import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblem } from '../../http/problem-docs.js';
import { queryPipe } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { JournalCalls } from '../journal-calls.service.js';
import { STREAM_CLOCK, type StreamClock } from '../messages.js';
import { StreamsService, unknownStream } from '../streams/streams.service.js';
import { ClockQuery, CLOCK_SHOWN } from './clock.dto.js';
import { shownClock } from './shown-clock.js';

/** Where the clock of a stream is, and why. */
@ApiTags('streams')
@Controller({ path: 'streams/:stream', version: '1' })
export class ClockController {
  constructor(
    private readonly streams: StreamsService,
    private readonly journal: JournalCalls,
  ) {}

  @InArea('streams')
  @Get('clock')
  @ApiOperation({
    summary: 'The clock of a stream: who holds it back, what closes next, how late events come',
  })
  @ApiOkResponse({ schema: CLOCK_SHOWN, description: 'The sources that hold it back come first.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  @ApiProblem(404, 'There is no stream of this name.')
  async clock(
    @Param('stream') name: string,
    @Query(queryPipe()) { sources }: ClockQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    await this.streams.one(name);
    const clock = await this.journal.ask<StreamClock | null>(STREAM_CLOCK, { name, sources });
    if (!clock) {
      this.streams.forget(name);
      throw unknownStream();
    }
    void reply.header('cache-control', 'private, no-cache');
    return shownClock(name, clock);
  }
}
