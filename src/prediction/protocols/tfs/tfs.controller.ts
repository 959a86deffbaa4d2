import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { patienceOf } from '../../request-patience.js';
import type { AuditNotes } from '../../../audit/record.js';
import { Catalog } from '../../catalog.js';
import { DataPlane, type Target } from '../data-plane.js';
import { metadataOf } from './metadata.js';
import { predictTongue } from './predict.js';

/**
 * TF Serving's REST API, which KServe V1 is a part of. `../openapi.ts` documents it: the paths, which must end a parameter at
 * the colon (else `:predict` would be a part of the name, and take every method), are none that Nest's own documentation can read.
 */
@ApiExcludeController()
@Controller({ path: 'models', version: '1' })
export class TfsController {
  constructor(
    private readonly plane: DataPlane,
    private readonly catalog: Catalog,
  ) {}

  @Post(':model([^:/]+)::predict')
  @HttpCode(200)
  predict(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer({ model, choice: {} }, body, request, reply);
  }

  @Post(':model/versions/:version([^:/]+)::predict')
  @HttpCode(200)
  predictVersion(
    @Param() { model, version }: { model: string; version: string },
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer({ model, choice: { version } }, body, request, reply);
  }

  @Post(':model/labels/:label([^:/]+)::predict')
  @HttpCode(200)
  predictLabel(
    @Param() { model, label }: { model: string; label: string },
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer({ model, choice: { label } }, body, request, reply);
  }

  @Get(':model/metadata')
  metadata(@Param('model') model: string): unknown {
    return metadataOf(this.catalog.ready(model, {}));
  }

  @Get(':model/versions/:version/metadata')
  metadataOfVersion(@Param() { model, version }: { model: string; version: string }): unknown {
    return metadataOf(this.catalog.ready(model, { version }));
  }

  @Get(':model/labels/:label/metadata')
  metadataOfLabel(@Param() { model, label }: { model: string; label: string }): unknown {
    return metadataOf(this.catalog.ready(model, { label }));
  }

  private async answer(
    target: Target,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const notes: AuditNotes = {};
    request.audit = notes;
    const text = await this.plane.ask(target, predictTongue(body), notes, patienceOf(request, reply));
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(text);
  }
}
