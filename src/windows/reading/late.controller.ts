import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReadersService } from '../../database/readers.service.js';
import { OrielError } from '../../errors.js';
import { linkNext, readPlace, writePlace } from '../../http/paging.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { queryPipe } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { READ_ALARMS, READ_LATE, READ_TIMES } from '../messages.js';
import type {
  AlarmRow,
  AlarmsQuery,
  LateQuery,
  LateRow,
  TimesAnswer,
  TimesQuery,
} from '../queries/messages.js';
import { MOST_EVENTS } from '../queries/times.js';
import { shownAlarm, shownLate } from '../shown-events.js';
import { shownTime, shownWatermark } from '../shown.js';
import { StreamsService, unknownStream } from '../streams/streams.service.js';
import {
  AlarmsPageDto,
  LateListQuery,
  LatePageDto,
  LogPageQuery,
  TimesDto,
  TimesListQuery,
} from './late.dto.js';

/** What came too late, when that was too often, and how events come. */
@ApiTags('streams')
@Controller({ path: 'streams/:stream', version: '1' })
export class LateController {
  constructor(
    private readonly streams: StreamsService,
    private readonly readers: ReadersService,
  ) {}

  @InArea('streams')
  @Get('late')
  @ApiOperation({ summary: 'List the events that missed a window' })
  @ApiOkResponse({ type: LatePageDto, description: 'One page; `Link` leads to the next.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  @ApiProblem(404, 'There is no stream of this name.')
  async late(
    @Param('stream') name: string,
    @Query(queryPipe()) { missed, order, limit, pageToken }: LateListQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { definition } = await this.streams.one(name);
    const same = { list: 'late', name, missed, order };
    const query: LateQuery = {
      name,
      all: missed === 'all',
      descending: order === '-seq',
      ...(pageToken !== undefined && { after: readPlace(pageToken, same, numberOf) }),
      limit: limit + 1,
    };
    const rows = await this.readers.query<LateRow[]>(READ_LATE, query);
    const items = rows.slice(0, limit).map((row) => shownLate(definition, row));
    sendPage(
      request,
      reply,
      items,
      rows.length > limit ? writePlace([rows[limit - 1]?.seq], same) : undefined,
    );
  }

  @InArea('streams')
  @Get('alarms')
  @ApiOperation({ summary: 'List when the share of late events became too high, and when it was low again' })
  @ApiOkResponse({ type: AlarmsPageDto, description: 'One page; `Link` leads to the next.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  @ApiProblem(404, 'There is no stream of this name.')
  async alarms(
    @Param('stream') name: string,
    @Query(queryPipe()) { order, limit, pageToken }: LogPageQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.streams.one(name);
    const same = { list: 'alarms', name, order };
    const query: AlarmsQuery = {
      name,
      descending: order === '-seq',
      ...(pageToken !== undefined && { after: readPlace(pageToken, same, numberOf) }),
      limit: limit + 1,
    };
    const rows = await this.readers.query<AlarmRow[]>(READ_ALARMS, query);
    const items = rows.slice(0, limit).map(shownAlarm);
    sendPage(
      request,
      reply,
      items,
      rows.length > limit ? writePlace([rows[limit - 1]?.emission], same) : undefined,
    );
  }

  @InArea('streams')
  @Get('times')
  @ApiOperation({ summary: 'Event time against received time, with the watermark after each event' })
  @ApiOkResponse({ type: TimesDto, description: 'Made from the events that are kept.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown (all are named), or there are too many events.')
  @ApiProblem(404, 'There is no stream of this name.')
  async times(
    @Param('stream') name: string,
    @Query(queryPipe()) { from, to, limit }: TimesListQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { definition } = await this.streams.one(name);
    const query: TimesQuery = {
      name,
      limit,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    };
    const answer = await this.readers.query<TimesAnswer | 'tooMany' | null>(READ_TIMES, query);
    if (!answer) throw unknownStream();
    if (answer === 'tooMany') throw tooManyEvents();
    void reply.header('cache-control', 'private, no-cache');
    return {
      ...answer,
      items: answer.items.map(({ time, received, source, watermark }) => ({
        time: shownTime(time),
        received: shownTime(received),
        ...(definition.source !== null && { source }),
        watermark: shownWatermark(watermark),
      })),
    };
  }
}

function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  items: readonly object[],
  nextPageToken: string | undefined,
): void {
  void reply.header('cache-control', 'private, no-cache');
  if (nextPageToken !== undefined) linkNext(request, reply, nextPageToken);
  reply.send({ items, nextPageToken });
}

function numberOf([place]: readonly unknown[]): number | undefined {
  return Number.isSafeInteger(place) ? (place as number) : undefined;
}

function tooManyEvents(): OrielError {
  return new OrielError('badParameter', 'too-many-items', 'There are too many events.', {
    faults: [{ pointer: '/from', detail: `leaves more than ${MOST_EVENTS} events: ask for less time` }],
  });
}
