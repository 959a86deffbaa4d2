import { applyDecorators, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { patienceOf } from '../../request-patience.js';
import { openNotes, targetOf } from '../../request-target.js';
import { ApiProblem } from '../../../http/problem-docs.js';
import { InArea, RouteConfig } from '../../../http/route-config.js';
import { Interpreter } from '../interpreter.js';
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
    ApiProblem(422, 'Some values cannot be used: all are named.'),
    ApiOkResponse({ description: 'The predictions, in the order of the rows.', schema: INVOCATION_ANSWER }),
  );
}

/** MLflow's scoring protocol: dataframes as JSON or CSV. */
@ApiTags('mlflow')
@Controller({ path: 'models/:model', version: '1' })
export class MlflowController {
  constructor(private readonly interpreter: Interpreter) {}

  @InArea('predict')
  @Post('invocations')
  @HttpCode(200)
  @Invocation('Ask a model in the MLflow form, default version')
  invoke(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply);
  }

  @InArea('predict')
  @Post('versions/:version/invocations')
  @HttpCode(200)
  @ApiParam({ name: 'version', type: String })
  @Invocation('Ask a model in the MLflow form, by version')
  invokeVersion(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply);
  }

  @InArea('predict')
  @Post('labels/:label/invocations')
  @HttpCode(200)
  @ApiParam({ name: 'label', type: String })
  @Invocation('Ask a model in the MLflow form, by label')
  invokeLabel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const notes = openNotes(request);
    const { body } = request;
    // A JSON body that is a text is no CSV: only the kind of the body tells.
    const csv = request.context?.body?.json === false && typeof body === 'string';
    const tongue = csv ? csvTongue(body) : jsonTongue(body);
    const patience = patienceOf(request, reply);
    const text = await this.interpreter.ask(targetOf(request), tongue, notes, patience);
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(text);
  }
}
