import { Controller, Get, Header, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { checkAcceptable } from '../http/negotiation.js';
import { ApiProblem } from '../http/problem-docs.js';
import { InArea, RouteConfig } from '../http/route-config.js';
import { CONTENT_TYPES, type Form } from './exposition.js';
import { MetricsService } from './metrics.service.js';

const TEXT = 'text/plain';
const OPENMETRICS = 'application/openmetrics-text';
/** What an `Accept` says of a form besides its name; we have one of each. */
const PARAMETERS = /;\s*(version|escaping|charset|validchars)\s*=\s*("[^"]*"|[^;,]*)/gi;

const TEXT_BODY = { schema: { type: 'string' } } as const;

/** What a Prometheus scrapes. */
@ApiTags('health')
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @InArea('metrics')
  @RouteConfig({ produces: [] })
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Figures for Prometheus, in its text form 0.0.4 or as OpenMetrics 1.0.0, by `Accept`',
  })
  @ApiOkResponse({
    description: 'All figures as they are now.',
    content: { [TEXT]: TEXT_BODY, [OPENMETRICS]: TEXT_BODY },
  })
  @ApiProblem(406, 'The figures cannot be given in an accepted form.')
  async all(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = formOf(request.headers.accept);
    void reply.header('content-type', CONTENT_TYPES[form]).header('vary', 'Accept');
    return this.metrics.tell(form);
  }
}

/** @throws OrielError `not-acceptable` */
function formOf(accept: string | undefined): Form {
  const type = checkAcceptable(accept?.replaceAll(PARAMETERS, ''), [TEXT, OPENMETRICS]);
  return type === OPENMETRICS ? 'openmetrics' : 'text';
}
