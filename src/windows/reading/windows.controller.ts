import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OrielError } from '../../errors.js';
import { isKnown, isUnchanged } from '../../http/answer-tags.js';
import { linkNext, readPlace, writePlace } from '../../http/paging.js';
import { ApiProblem, NOT_MODIFIED } from '../../http/problem-docs.js';
import { noParameters } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import { shownWatermark, shownWindow, type KnownWindow, type ShownWindow } from '../shown.js';
import { StreamsService, type Stream } from '../streams/streams.service.js';
import { FilledWindowsService } from './filled-windows.service.js';
import { KeyedQueryPipe, keyValuesOf } from './keyed-query.pipe.js';
import { readWindowToken, windowToken, type WindowPlace } from './window-token.js';
import { OneWindowDto, WindowsListQuery, WindowsPageDto } from './windows.dto.js';
import { WindowsService, type WindowsQuestion } from './windows.service.js';

/** What windows say. */
@ApiTags('streams')
@Controller({ path: 'streams/:stream/windows/:window', version: '1' })
export class WindowsController {
  constructor(
    private readonly streams: StreamsService,
    private readonly windows: WindowsService,
    private readonly fillIn: FilledWindowsService,
  ) {}

  @InArea('streams')
  @Get()
  @ApiOperation({
    summary: 'List windows, by start, end, then key',
    description:
      'Those of some keys by `key.<field>=value` for any fields of the key, such as `key.car=A`; values are compared as texts.',
  })
  @ApiOkResponse({
    type: WindowsPageDto,
    description: 'One page; `Link` leads to the next. Open windows show their values so far.',
  })
  @ApiResponse(NOT_MODIFIED)
  @ApiProblem(
    400,
    'Some parameters are wrong or unknown (all are named), or there would be too many windows.',
  )
  @ApiProblem(404, 'There is no such stream, or it has no such windows.')
  async list(
    @Param('stream') name: string,
    @Param('window') window: string,
    @Query(new KeyedQueryPipe()) query: WindowsListQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { stream, window: definition } = await this.streams.window(name, window);
    const { from, to, state: states, fill, limit, pageToken } = query;
    const key = keyValuesOf(stream.definition.key, query.key);
    const same = { name, window, from, to, key, states, fill };
    const after = pageToken === undefined ? undefined : readPlace(pageToken, same, placeOf);
    const question: WindowsQuestion = { window, from, to, key, states, after, limit: limit + 1 };
    const { watermark, windows } = fill
      ? await this.fillIn.list(stream, definition, question, fill)
      : await this.windows.list(stream, question);
    const items = windows.slice(0, limit).map((known) => shownWithUrl(stream, window, known, watermark));
    const last = windows.length > limit ? windows[limit - 1] : undefined;
    const nextPageToken = last && writePlace([last.start, last.end, last.key], same);
    if (nextPageToken !== undefined) linkNext(request, reply, nextPageToken);
    const answer = { stream: name, window, watermark: shownWatermark(watermark), items, nextPageToken };
    if (isUnchanged(request, reply, answer)) return void reply.code(304).send();
    reply.send(answer);
  }

  @InArea('streams')
  @Get(':token')
  @ApiOperation({ summary: 'One window, by its `url` in the list' })
  @ApiOkResponse({
    type: OneWindowDto,
    description: 'A final window never changes, and says so (`immutable`).',
  })
  @ApiResponse(NOT_MODIFIED)
  @ApiProblem(404, 'There is no such stream, or no such window.')
  async one(
    @Param() { stream: name, window, token }: { stream: string; window: string; token: string },
    @Query(noParameters()) _none: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { stream } = await this.streams.window(name, window);
    const place = readWindowToken(token, stream.life);
    const { watermark, found } = place ? await this.windows.one(stream, window, place) : NOTHING;
    if (!found) throw new OrielError('notFound', 'unknown-window', 'There is no such window.');
    const answer = { stream: name, window, ...shownWithUrl(stream, window, found, watermark) };
    const known = answer.state === 'final' ? isKnown : isUnchanged;
    if (known(request, reply, answer)) return void reply.code(304).send();
    reply.send(answer);
  }
}

const NOTHING = { watermark: 0, found: null };

function shownWithUrl(
  stream: Stream,
  window: string,
  known: KnownWindow,
  watermark: number,
): ShownWindow & { url?: string } {
  const shown = shownWindow(stream.definition, known, watermark);
  const token = known.events === 0 && !known.mergedInto ? null : windowToken(known, stream.life); // one that was filled in has no address
  return token === null ? shown : { ...shown, url: `/v1/streams/${stream.name}/windows/${window}/${token}` };
}

function placeOf([start, end, key]: readonly unknown[]): WindowPlace | undefined {
  const fits = Number.isSafeInteger(start) && Number.isSafeInteger(end) && typeof key === 'string';
  return fits ? ({ start, end, key } as WindowPlace) : undefined;
}
