import { Body, Controller, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LongReadsService } from '../../database/long-reads.service.js';
import { OrielError } from '../../errors.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { noParameters } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { shownLate } from '../shown-events.js';
import { shownWatermark, shownWindow } from '../shown.js';
import { StreamsService, type Stream } from '../streams/streams.service.js';
import {
  REPLAY_CLOSE,
  REPLAY_NEXT,
  REPLAY_OPEN,
  type ReplayAnswer,
  type ReplayQuestion,
} from './messages.js';
import { readReplay } from './replay-body.js';
import { REPLAY_BODY, REPLAY_SHOWN } from './replay.dto.js';

/** Tells what other settings would have made of the events that are kept. */
@ApiTags('streams')
@Controller({ path: 'streams/:stream', version: '1' })
export class ReplayController {
  constructor(
    private readonly streams: StreamsService,
    private readonly longReads: LongReadsService,
  ) {}

  @InArea('streams')
  @Post('replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What would have been late, and what the windows would have said, with other settings',
    description:
      'From the events that are kept, in the order in which they were received; nothing of the stream is touched.',
  })
  @ApiBody({ schema: REPLAY_BODY })
  @ApiOkResponse({ schema: REPLAY_SHOWN, description: 'As if the stream had always been defined so.' })
  @ApiProblem(404, 'There is no stream of this name.')
  @ApiProblem(422, 'Some of it is wrong or unknown: all is named.')
  @ApiProblem(503, 'As many exports, verifications and replays as may be at once are under way.')
  async replay(
    @Param('stream') name: string,
    @Query(noParameters()) _none: unknown,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const stream = await this.streams.one(name);
    const question = readReplay(name, stream.view, body);
    const answer = await this.run(question, () => reply.raw.destroyed);
    void reply.header('cache-control', 'private, no-store');
    return shown(stream, question, answer);
  }

  /** @throws OrielError `aborted` once the client is gone; those of long reads */
  private async run(question: ReplayQuestion, isGone: () => boolean): Promise<ReplayAnswer> {
    const lease = await this.longReads.lease();
    try {
      await lease.call(REPLAY_OPEN, question);
      while (!isGone()) {
        const answer = await lease.call<ReplayAnswer | null>(REPLAY_NEXT);
        if (answer) return answer;
      }
      await lease.call(REPLAY_CLOSE);
      throw new OrielError('malformed', 'aborted', 'The client went away before its replay was done.');
    } finally {
      lease.release();
    }
  }
}

function shown({ definition: { key } }: Stream, question: ReplayQuestion, answer: ReplayAnswer): object {
  const { events, rejected, late, windows, watermark, counters } = answer;
  const shape = { key, lateness: question.lateness };
  return {
    events,
    late: { ...late, items: late.items.map((one) => shownLate(shape, one)) },
    windows: Object.fromEntries(
      Object.entries(windows).map(([name, { items, truncated }]) => [
        name,
        {
          items: items.map((one) => shownWindow(shape, one, watermark)),
          ...(truncated && { truncated }),
        },
      ]),
    ),
    watermark: shownWatermark(watermark),
    counters: { ...counters, rejected },
  };
}
