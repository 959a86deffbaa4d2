import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { JournalHealth } from '../journal/journal.health.js';
import { ModelsHealth } from '../prediction/models.health.js';
import { ProcessHealth } from './process.health.js';

/** The probes, composed of each module's own check. */
@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly process: ProcessHealth,
    private readonly journal: JournalHealth,
    private readonly models: ModelsHealth,
  ) {}

  @Get()
  @HealthCheck()
  @ApiOperation({ summary: 'Everything that can be well or not' })
  all(): Promise<HealthCheckResult> {
    return this.ready();
  }

  @Get('live')
  @HealthCheck()
  @ApiOperation({ summary: 'Whether the process answers at all' })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  @ApiOperation({
    summary: 'Whether requests should be sent here: models loaded, journal writable, not shutting down',
  })
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.process.check(),
      () => this.journal.check(),
      () => this.models.check(),
    ]);
  }

  @Get('startup')
  @HealthCheck()
  @ApiOperation({ summary: 'Whether the start is over: every model is ready or has failed' })
  startup(): Promise<HealthCheckResult> {
    return this.health.check([() => this.models.checkStarted()]);
  }
}
