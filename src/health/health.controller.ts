import { applyDecorators, Controller, Get, Inject, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { InArea } from '../http/route-config.js';
import { ModelsHealth } from '../prediction/models.health.js';

/** A module's own check. */
export interface Check {
  check(): HealthIndicatorResult | Promise<HealthIndicatorResult>;
}

/** The dependency injection token of all checks, in the order in which they are shown. */
export const CHECKS = Symbol('Checks');

const PARTS = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', enum: ['up', 'degraded', 'down'] } },
  },
} as const;

/** What terminus answers, well or not. */
const REPORT = {
  type: 'object',
  required: ['status', 'details'],
  properties: {
    status: { type: 'string', enum: ['ok', 'error', 'shutting_down'] },
    info: PARTS,
    error: PARTS,
    details: PARTS,
  },
} as const;

function Probe(summary: string): MethodDecorator {
  return applyDecorators(
    // Its own documentation would load a second copy of Swagger.
    HealthCheck({ noCache: true, swaggerDocumentation: false }),
    ApiOperation({ summary }),
    ApiOkResponse({ description: 'All is well, or only degraded.', schema: REPORT as never }),
    ApiServiceUnavailableResponse({ description: 'Something is down.', schema: REPORT as never }),
  );
}

/** The probes, composed of each module's own check. */
@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    @Inject(CHECKS) private readonly checks: readonly Check[],
    private readonly models: ModelsHealth,
  ) {}

  @InArea('health')
  @Get()
  @Probe('Everything that can be well or not')
  all(): Promise<HealthCheckResult> {
    return this.ready();
  }

  @InArea('probes')
  @Get('live')
  @Probe('Whether the process answers at all, and need not be restarted')
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.models.checkLive()]);
  }

  @InArea('probes')
  @Get('ready')
  @Probe('Whether requests should be sent here: models loaded, journal writable, not shutting down')
  ready(): Promise<HealthCheckResult> {
    return this.health.check(this.checks.map((one) => () => one.check()));
  }

  @InArea('health')
  @Get('startup')
  @Probe('Whether the start is over: every model is ready or has failed')
  startup(): Promise<HealthCheckResult> {
    return this.health.check([() => this.models.checkStarted()]);
  }
}
