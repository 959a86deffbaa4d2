import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InArea } from '../../../http/route-config.js';
import { patienceOf } from '../../request-patience.js';
import { openNotes, targetOf } from '../../request-target.js';
import { Catalog } from '../../catalog.js';
import type { Target } from '../../data-plane.js';
import { Interpreter } from '../interpreter.js';
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
    private readonly interpreter: Interpreter,
    private readonly catalog: Catalog,
  ) {}

  @InArea('predict')
  @Post([
    ':model([^:/]+)::predict',
    ':model/versions/:version([^:/]+)::predict',
    ':model/labels/:label([^:/]+)::predict',
  ])
  @HttpCode(200)
  async predict(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const notes = openNotes(request);
    const patience = patienceOf(request, reply);
    const text = await this.interpreter.ask(targetOf(request), predictTongue(request.body), notes, patience);
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(text);
  }

  @InArea('models')
  @Get([':model/metadata', ':model/versions/:version/metadata', ':model/labels/:label/metadata'])
  metadata(@Param() { model, ...choice }: Target): unknown {
    return metadataOf(this.catalog.ready(model, choice));
  }
}
