import { applyDecorators, Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { patienceOf } from '../../request-patience.js';
import type { AuditNotes } from '../../../audit/record.js';
import { DataPlane, type Target } from '../data-plane.js';
import { csvTongue, jsonTongue } from './invocations.js';
import { INVOCATION_ANSWER, INVOCATION_BODY } from './openapi.js';

const CONSUMES = { consumes: ['application/json', 'text/csv'] };

function Invocation(summary: string): MethodDecorator {
  return applyDecorators(
    RouteConfig(CONSUMES),
    ApiOperation({ summary }),
    ApiConsumes(...CONSUMES.consumes),
    ApiBody({ schema: INVOCATION_BODY }),
    ApiParam({ name: 'model', type: String }),
    ApiOkResponse({ description: 'The predictions, in the order of the rows.', schema: INVOCATION_ANSWER }),
  );
}

/** MLflow's scoring protocol: dataframes as JSON or CSV. */
@ApiTags('mlflow')
@Controller({ path: 'models/:model', version: '1' })
export class MlflowController {
  constructor(private readonly plane: DataPlane) {}

  @Post('invocations')
  @HttpCode(200)
  @Invocation('Ask a model in the MLflow form, default version')
  invoke(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer({ model, choice: {} }, body, request, reply);
  }

  @Post('versions/:version/invocations')
  @HttpCode(200)
  @ApiParam({ name: 'version', type: String })
  @Invocation('Ask a model in the MLflow form, by version')
  invokeVersion(
    @Param() { model, version }: { model: string; version: string },
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer({ model, choice: { version } }, body, request, reply);
  }

  @Post('labels/:label/invocations')
  @HttpCode(200)
  @ApiParam({ name: 'label', type: String })
  @Invocation('Ask a model in the MLflow form, by label')
  invokeLabel(
    @Param() { model, label }: { model: string; label: string },
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.answer({ model, choice: { label } }, body, request, reply);
  }

  private async answer(
    target: Target,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const notes: AuditNotes = {};
    request.audit = notes;
    // A JSON body that is a text is no CSV: only the kind of the body tells.
    const csv = request.context?.body?.json === false && typeof body === 'string';
    const tongue = csv ? csvTongue(body) : jsonTongue(body);
    const text = await this.plane.ask(target, tongue, notes, patienceOf(request, reply));
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(text);
  }
}
