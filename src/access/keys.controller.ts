import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { linkNext, readPlace, writePlace } from '../http/paging.js';
import { ApiProblem } from '../http/problem-docs.js';
import { PageQuery } from '../http/query-values.js';
import { noParameters, queryPipe } from '../http/query.pipe.js';
import { InArea } from '../http/route-config.js';
import { shownKey } from './key.js';
import { readKeyBody } from './key-body.js';
import { KEY_BODY, KeyDto, KeyListDto, NewKeyDto } from './keys.dto.js';
import { KeysService } from './keys.service.js';

/** Keys, by which callers say who they are. */
@ApiTags('keys')
@Controller({ path: 'keys', version: '1' })
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @InArea('admin')
  @Post()
  @ApiOperation({
    summary: 'Make a key',
    description: 'With the first one all requests but liveness and readiness begin to need a key, for good.',
  })
  @ApiBody({ schema: KEY_BODY as never })
  @ApiCreatedResponse({ type: NewKeyDto, description: 'It holds. `key` is not told again.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(409, 'There is a key of this name, or there are as many as there may be.')
  @ApiProblem(422, 'Some of it is wrong or unknown: all is named.')
  async make(
    @Body() body: unknown,
    @Query(noParameters()) _none: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const now = Date.now();
    const asked = readKeyBody(body, now);
    const { key, text } = await this.keys.make(asked, request.context?.principal ?? '', now);
    void reply.header('cache-control', 'no-store').header('location', `/v1/keys/${key.id}`);
    return { ...shownKey(key), key: text };
  }

  @InArea('admin')
  @Get()
  @ApiOperation({ summary: 'List the keys' })
  @ApiOkResponse({ type: KeyListDto, description: 'One page, oldest first; `Link` leads to the next.' })
  @ApiProblem(400, 'Some parameters are wrong or unknown: all are named.')
  list(
    @Query(queryPipe()) { limit, pageToken }: PageQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): object {
    const after = pageToken === undefined ? '' : readPlace(pageToken, 'keys', idOf);
    const rest = this.keys.all.filter(({ id }) => id > after);
    const items = rest.slice(0, limit).map(shownKey);
    void reply.header('cache-control', 'private, no-cache');
    if (rest.length <= limit) return { items };
    const nextPageToken = writePlace([rest[limit - 1]?.id], 'keys');
    linkNext(request, reply, nextPageToken);
    return { items, nextPageToken };
  }

  @InArea('admin')
  @Get(':id')
  @ApiOperation({ summary: 'One key' })
  @ApiOkResponse({ type: KeyDto, description: 'What it may do, and when it was used.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(404, 'There is no key with this id.')
  one(@Param('id') id: string, @Query(noParameters()) _none: unknown): object {
    return shownKey(this.keys.one(id.toLowerCase()));
  }

  @InArea('admin')
  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key' })
  @ApiNoContentResponse({ description: 'It is a key no more, and that is on record.' })
  @ApiProblem(400, 'There is a query parameter, and it takes none.')
  @ApiProblem(404, 'There is no key with this id.')
  async revoke(
    @Param('id') id: string,
    @Query(noParameters()) _none: unknown,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.keys.revoke(id.toLowerCase(), request.context?.principal ?? '', Date.now());
  }
}

function idOf([id]: readonly unknown[]): string | undefined {
  return typeof id === 'string' ? id : undefined;
}
