import { applyDecorators, Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { AuditHealth } from '../audit/audit.health.js';
import { JournalHealth } from '../journal/journal.health.js';
import { ModelsHealth } from '../prediction/models.health.js';
import { ProcessHealth } from './process.health.js';

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
    private readonly process: ProcessHealth,
    private readonly journal: JournalHealth,
    private readonly audit: AuditHealth,
    private readonly models: ModelsHealth,
  ) {}

  @Get()
  @Probe('Everything that can be well or not')
  all(): Promise<HealthCheckResult> {
    return this.ready();
  }

  @Get('live')
  @Probe('Whether the process answers at all')
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @Probe('Whether requests should be sent here: models loaded, journal writable, not shutting down')
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.process.check(),
      () => this.journal.check(),
      () => this.audit.check(),
      () => this.models.check(),
    ]);
  }

  @Get('startup')
  @Probe('Whether the start is over: every model is ready or has failed')
  startup(): Promise<HealthCheckResult> {
    return this.health.check([() => this.models.checkStarted()]);
  }
}
