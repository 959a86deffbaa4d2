import { Body, Controller, HttpCode, Param, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { patienceOf } from '../../request-patience.js';
import type { AuditNotes } from '../../../audit/record.js';
import { checkAcceptable } from '../../../http/negotiation.js';
import { JSON_LENGTH } from '../../../http/tensor-body.js';
import type { VersionChoice } from '../../catalog.js';
import { inferRequestSchema, inferResponseSchema } from './schemas.js';
import { V2Service, type InferBody } from './v2.service.js';

const BINARY = 'application/octet-stream';
const JSON_TYPE = 'application/json';
const TENSORS = { consumes: [JSON_TYPE, BINARY], produces: [JSON_TYPE, BINARY] };

/** Inference with tensors, as JSON, as bytes, or mixed. */
@ApiTags('v2')
@ApiConsumes(JSON_TYPE, BINARY)
@ApiProduces(JSON_TYPE, BINARY)
@Controller({ path: 'v2/models/:model', version: VERSION_NEUTRAL })
export class V2InferController {
  constructor(private readonly v2: V2Service) {}

  @Post('infer')
  @HttpCode(200)
  @RouteConfig(TENSORS)
  @ApiOperation({ summary: 'Infer from tensors, by the default version' })
  @ApiBody({ schema: inferRequestSchema })
  @ApiOkResponse({ schema: inferResponseSchema })
  infer(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer(model, {}, body, request, reply);
  }

  @Post('versions/:version/infer')
  @HttpCode(200)
  @RouteConfig(TENSORS)
  @ApiOperation({ summary: 'Infer from tensors, by one version' })
  @ApiBody({ schema: inferRequestSchema })
  @ApiOkResponse({ schema: inferResponseSchema })
  inferVersion(
    @Param() { model, version }: { model: string; version: string },
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer(model, { version }, body, request, reply);
  }

  private async answer(
    model: string,
    choice: VersionChoice,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const notes: AuditNotes = {};
    request.audit = notes;
    const allows = (mediaType: string): void => checkAcceptable(request.headers.accept, [mediaType]);
    const patience = patienceOf(request, reply);
    const { json, binary } = await this.v2.infer(
      model,
      choice,
      bodyOf(request, body),
      allows,
      notes,
      patience,
    );
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

function bodyOf(request: FastifyRequest, body: unknown): InferBody {
  const jsonLength = request.headers[JSON_LENGTH];
  if (body instanceof Uint8Array) return { bytes: body, jsonLength };
  if (jsonLength !== undefined) return { bytes: new Uint8Array(), jsonLength };
  return { json: body, text: request.context?.body?.text ?? '' };
}
