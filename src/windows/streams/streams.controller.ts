import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OrielError } from '../../errors.js';
import { isUnchanged } from '../../http/answer-tags.js';
import { scopeOf } from '../../http/front-door.js';
import { linkNext, readPlace, writePlace } from '../../http/paging.js';
import { ApiProblem, NOT_MODIFIED } from '../../http/problem-docs.js';
import { PageQuery } from '../../http/query-values.js';
import { noParameters, queryPipe } from '../../http/query.pipe.js';
import { InArea } from '../../http/route-config.js';
import type { Json } from '../engine/messages.js';
import { alteringChange, readStreamBody, reservedStream } from './stream-body.js';
import { PutQuery, STREAM_BODY, STREAM_SHOWN, STREAMS_PAGE } from './streams.dto.js';
import { StreamsService, unknownStream } from './streams.service.js';

/** Defines streams. */
@ApiTags('streams')
@Controller({ path: 'streams', version: '1' })
export class StreamsController {
  constructor(private readonly streams: StreamsService) {}

  @InArea('admin')
  @Put(':stream')
  @ApiOperation({
    summary: 'Make a stream, or give it another definition',
    description:
      'A change that would alter results already told is refused, unless no event came yet or `restart` begins anew.',
  })
  @ApiBody({ schema: STREAM_BODY })
  @ApiOkResponse({ schema: STREAM_SHOWN, description: 'It has this definition now, with every default.' })
  @ApiResponse({ status: 201, schema: STREAM_SHOWN, description: 'It is new.' })
  @ApiProblem(
    409,
    'The change would alter results (`errors` names it), there are too many streams, or this one is built in.',
  )
  @ApiProblem(422, 'Some of the definition is wrong or unknown: all is named.')
  async put(
    @Param('stream') name: string,
    @Query(queryPipe()) { restart }: PutQuery,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const definition = readStreamBody(name, body);
    const result = await this.streams.put({ name, definition, restart, now: Date.now() });
    if ('conflict' in result) throw alteringChange(result.conflict);
    if ('refused' in result) throw result.refused === 'reserved' ? reservedStream() : tooManyStreams();
    const created = result.put === 'created';
    if (created) void reply.header('location', `/v1/streams/${name}`);
    reply.code(created ? 201 : 200).send(shown(name, definition));
  }

  @InArea('streams')
  @Get()
  @ApiOperation({ summary: 'List the streams' })
  @ApiOkResponse({ schema: STREAMS_PAGE, description: 'One page, by name; `Link` leads to the next.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  async list(
    @Query(queryPipe()) { limit, pageToken }: PageQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const after = pageToken === undefined ? '' : readPlace(pageToken, 'streams', nameOf);
    const rest = (await this.streams.list()).filter(
      ({ name }) => name > after && scopeOf(request).sees('streams', name),
    );
    const items = rest.slice(0, limit).map(({ name, definition }) => shown(name, definition));
    void reply.header('cache-control', 'private, no-cache');
    if (rest.length <= limit) return void reply.send({ items });
    const nextPageToken = writePlace([rest[limit - 1]?.name], 'streams');
    linkNext(request, reply, nextPageToken);
    reply.send({ items, nextPageToken });
  }

  @InArea('streams')
  @Get(':stream')
  @ApiOperation({ summary: 'The definition of a stream' })
  @ApiOkResponse({ schema: STREAM_SHOWN, description: 'As it can be put again.' })
  @ApiResponse(NOT_MODIFIED)
  @ApiProblem(404, 'There is no stream of this name.')
  async one(
    @Param('stream') name: string,
    @Query(noParameters()) _none: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { view } = await this.streams.one(name);
    const answer = shown(name, view);
    if (isUnchanged(request, reply, answer)) return void reply.code(304).send();
    reply.send(answer);
  }

  @InArea('admin')
  @Delete(':stream')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a stream with all its events and windows' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblem(404, 'There is no stream of this name.')
  @ApiProblem(409, 'It is built in.')
  async delete(@Param('stream') name: string, @Query(noParameters()) _none: unknown): Promise<void> {
    const { deleted, refused } = await this.streams.delete(name);
    if (refused) throw reservedStream();
    if (!deleted) throw unknownStream();
  }
}

function shown(name: string, definition: Json): object {
  return { name, ...(definition as object) };
}

function nameOf([name]: readonly unknown[]): string | undefined {
  return typeof name === 'string' ? name : undefined;
}

function tooManyStreams(): OrielError {
  return new OrielError('conflict', 'too-many-streams', 'There are as many streams as there can be.');
}
