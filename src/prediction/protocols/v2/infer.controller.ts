import { Controller, HttpCode, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { patienceOf } from '../../request-patience.js';
import { openNotes, targetOf } from '../../request-target.js';
import { checkAcceptable } from '../../../http/negotiation.js';
import { JSON_LENGTH } from '../../../http/tensor-body.js';
import { InArea, RouteConfig } from '../../../http/route-config.js';
import { inferRequestSchema, inferResponseSchema } from './schemas.js';
import { V2Service, type InferBody } from './v2.service.js';

const BINARY = 'application/octet-stream';
const JSON_TYPE = 'application/json';
const TENSORS = { consumes: [JSON_TYPE, BINARY], produces: [JSON_TYPE, BINARY] };

/** Inference with tensors, as JSON, as bytes, or mixed. */
@ApiTags('v2')
@ApiParam({ name: 'model', type: String })
@ApiConsumes(JSON_TYPE, BINARY)
@ApiProduces(JSON_TYPE, BINARY)
@Controller({ path: 'v2/models/:model', version: VERSION_NEUTRAL })
export class V2InferController {
  constructor(private readonly v2: V2Service) {}

  @InArea('predict')
  @Post('infer')
  @HttpCode(200)
  @RouteConfig(TENSORS)
  @ApiOperation({ summary: 'Infer from tensors, by the default version' })
  @ApiBody({ schema: inferRequestSchema })
  @ApiOkResponse({ schema: inferResponseSchema })
  infer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply);
  }

  @InArea('predict')
  @Post('versions/:version/infer')
  @HttpCode(200)
  @ApiParam({ name: 'version', type: String })
  @RouteConfig(TENSORS)
  @ApiOperation({ summary: 'Infer from tensors, by one version' })
  @ApiBody({ schema: inferRequestSchema })
  @ApiOkResponse({ schema: inferResponseSchema })
  inferVersion(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const notes = openNotes(request);
    const allows = (mediaType: string): void => {
      checkAcceptable(request.headers.accept, [mediaType]);
    };
    const patience = patienceOf(request, reply);
    const body = bodyOf(request);
    const { json, binary } = await this.v2.infer(targetOf(request), body, allows, notes, patience);
    void reply.code(200);
    if (!binary) {
      reply.header('content-type', 'application/json; charset=utf-8').send(json);
      return;
    }
    const head = Buffer.from(json);
    void reply.header('content-type', BINARY).header(JSON_LENGTH, String(head.length));
    reply.send(Buffer.concat([head, ...binary]));
  }
}

function bodyOf(request: FastifyRequest): InferBody {
  const { body } = request;
  const jsonLength = request.headers[JSON_LENGTH];
  if (body instanceof Uint8Array) return { bytes: body, jsonLength };
  if (jsonLength !== undefined) return { bytes: new Uint8Array(), jsonLength };
  return { json: body, text: request.context?.body?.text ?? '' };
}
