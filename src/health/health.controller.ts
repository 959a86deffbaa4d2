import { applyDecorators, Controller, Get, Header, Inject, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { HealthCheckResult } from '@nestjs/terminus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JSON_TYPE } from '../http/media-types.js';
import { ApiProblem } from '../http/problem-docs.js';
import { InArea, RouteConfig } from '../http/route-config.js';
import type { AreaName } from '../http/areas.js';
import { CHECKS, type Check } from './check.js';
import { HEALTH_JSON, type HealthJson } from './health-json.js';
import { HealthReports } from './health-reports.service.js';
import { HEALTH_REPORT, REPORT } from './health.schemas.js';
import { LiveHealth, StartupHealth } from './startup.health.js';

type Answer = Promise<HealthCheckResult | HealthJson>;

function Probe(path: string, area: AreaName, summary: string): MethodDecorator {
  const content = { [JSON_TYPE]: { schema: REPORT }, [HEALTH_JSON]: { schema: HEALTH_REPORT } } as never;
  return applyDecorators(
    Get(path),
    InArea(area),
    RouteConfig({ produces: [JSON_TYPE, HEALTH_JSON] }),
    Header('cache-control', 'no-cache, no-store, must-revalidate'),
    ApiOperation({ summary }),
    ApiOkResponse({ description: 'All is well, or only degraded.', content }),
    ApiProblem(406, 'The answer cannot be given in an accepted form.'),
    ApiServiceUnavailableResponse({ description: 'Something is down.', content }),
  );
}

/** The probes, composed of each module's own check. */
@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly reports: HealthReports,
    @Inject(CHECKS) private readonly checks: readonly Check[],
    private readonly startup: StartupHealth,
    private readonly threads: LiveHealth,
  ) {}

  @Probe('', 'health', 'Everything that can be well or not, with details for those who may see them')
  all(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Answer {
    return this.reports.answer(this.checks, true, request, reply);
  }

  @Probe('live', 'probes', 'Whether the process answers at all, and need not be restarted')
  live(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Answer {
    return this.reports.answer([this.threads], false, request, reply);
  }

  @Probe(
    'ready',
    'probes',
    'Whether requests should be sent here: models loaded, journal writable, not shutting down',
  )
  ready(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Answer {
    return this.reports.answer(this.checks, false, request, reply);
  }

  @Probe('startup', 'health', 'Whether the start is over: every model is ready or has failed')
  started(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Answer {
    return this.reports.answer([this.startup], true, request, reply);
  }
}
