import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { EVENT_STREAM_TYPE, type MediaTypes } from '../../http/media-types.js';
import { ApiProblem } from '../../http/problem-docs.js';
import { queryPipe } from '../../http/query.pipe.js';
import { openContext } from '../../http/request-context.js';
import { InArea, RouteConfig } from '../../http/route-config.js';
import { StreamsService } from '../streams/streams.service.js';
import { EVENTS, lastEventId, LiveQuery } from './live.dto.js';
import { LiveService } from './live.service.js';

const LIVE = { produces: [EVENT_STREAM_TYPE] } satisfies MediaTypes;
const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  required: false,
  description: 'Go on after this event, also over a restart of the server; without it, with what comes next.',
};

/** Tells what streams say as they say it. */
@ApiTags('streams')
@Controller({ path: 'streams/:stream', version: '1' })
export class LiveController {
  constructor(
    private readonly streams: StreamsService,
    private readonly live: LiveService,
  ) {}

  @InArea('streams')
  @Get('live')
  @RouteConfig(LIVE)
  @ApiOperation({ summary: 'Follow a stream: its windows, late events, alarms and clock' })
  @ApiHeader(LAST_EVENT_ID)
  @ApiOkResponse({ content: EVENTS, description: 'Events, as they come; the answer does not end by itself.' })
  @ApiProblem(404, 'There is no stream of this name.')
  @ApiProblem(429, 'The caller has as many live readers as it may have at once.')
  @ApiProblem(503, 'There are as many live readers as may be at once.')
  async stream(
    @Param('stream') name: string,
    @Query(queryPipe()) query: LiveQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.streams.one(name);
    await this.send(name, null, lastEventId(request.headers['last-event-id'], query), reply);
  }

  @InArea('streams')
  @Get('windows/:window/live')
  @RouteConfig(LIVE)
  @ApiOperation({ summary: 'Follow the windows of one definition, what missed them, alarms and the clock' })
  @ApiHeader(LAST_EVENT_ID)
  @ApiOkResponse({ content: EVENTS, description: 'Events, as they come; the answer does not end by itself.' })
  @ApiProblem(404, 'There is no such stream, or it has no such windows.')
  @ApiProblem(429, 'The caller has as many live readers as it may have at once.')
  @ApiProblem(503, 'There are as many live readers as may be at once.')
  async window(
    @Param() { stream: name, window }: { stream: string; window: string },
    @Query(queryPipe()) query: LiveQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.streams.window(name, window);
    await this.send(name, window, lastEventId(request.headers['last-event-id'], query), reply);
  }

  private async send(
    name: string,
    window: string | null,
    after: number | undefined,
    reply: FastifyReply,
  ): Promise<void> {
    // Compressed, an event would wait for those after it.
    reply.request.headers['x-no-compression'] = 'true';
    void reply
      .header('content-type', `${EVENT_STREAM_TYPE}; charset=utf-8`)
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no'); // some proxies would hold it back
    if (reply.request.method === 'HEAD') return void reply.send(Readable.from([]));
    const { principal, source } = openContext(reply.request, reply);
    const caller = principal === '' ? `address ${source}` : `principal ${principal}`;
    const stream = await this.live.read(name, window, after, caller);
    // A client that left before the first byte, or whose record cannot be written, frees its place too.
    const { socket } = reply.request.raw;
    if (reply.raw.destroyed || socket.readableEnded) stream.destroy();
    else reply.raw.once('close', () => stream.destroy());
    // An answer without an end is not waited for by a client that closes its side: it is gone.
    const leave = (): void => void stream.destroy();
    socket.once('end', leave);
    stream.once('close', () => socket.off('end', leave));
    reply.send(stream);
  }
}
