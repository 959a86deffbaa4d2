import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { AuditHealth } from '../audit/audit.health.js';
import { JournalHealth } from '../journal/journal.health.js';
import { ModelsHealth } from '../prediction/models.health.js';
import { ProcessHealth } from './process.health.js';

/** Its own documentation would load a second copy of Swagger. */
const UNCACHED = { noCache: true, swaggerDocumentation: false };

/** The probes, composed of each module's own check. */
@ApiTags('health')
@ApiOkResponse({ description: 'All is well, or only degraded.' })
@ApiServiceUnavailableResponse({ description: 'Something is down.' })
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
  @HealthCheck(UNCACHED)
  @ApiOperation({ summary: 'Everything that can be well or not' })
  all(): Promise<HealthCheckResult> {
    return this.ready();
  }

  @Get('live')
  @HealthCheck(UNCACHED)
  @ApiOperation({ summary: 'Whether the process answers at all' })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck(UNCACHED)
  @ApiOperation({
    summary: 'Whether requests should be sent here: models loaded, journal writable, not shutting down',
  })
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.process.check(),
      () => this.journal.check(),
      () => this.audit.check(),
      () => this.models.check(),
    ]);
  }

  @Get('startup')
  @HealthCheck(UNCACHED)
  @ApiOperation({ summary: 'Whether the start is over: every model is ready or has failed' })
  startup(): Promise<HealthCheckResult> {
    return this.health.check([() => this.models.checkStarted()]);
  }
}
