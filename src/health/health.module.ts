import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuditHealth } from '../audit/audit.health.js';
import { AuditModule } from '../audit/audit.module.js';
import { ReadersHealth } from '../database/readers.health.js';
import { JournalHealth } from '../journal/journal.health.js';
import { CacheHealth } from '../prediction/caching/cache.health.js';
import { ModelsHealth } from '../prediction/models.health.js';
import { PredictionModule } from '../prediction/prediction.module.js';
import { WindowsHealth } from '../windows/windows.health.js';
import { WindowsModule } from '../windows/windows.module.js';
import { CHECKS, type Check } from './check.js';
import { DiskSpace } from './disk-space.js';
import { DiskHealth } from './disk.health.js';
import { EventLoop } from './event-loop.js';
import { HealthReports } from './health-reports.service.js';
import { HealthController } from './health.controller.js';
import { ProcessHealth } from './process.health.js';
import { LiveHealth, StartupHealth } from './startup.health.js';

const ALL = [
  ProcessHealth,
  JournalHealth,
  AuditHealth,
  ReadersHealth,
  ModelsHealth,
  CacheHealth,
  WindowsHealth,
  DiskHealth,
];

/** Probes, composed of each module's own check. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), AuditModule, PredictionModule, WindowsModule],
  controllers: [HealthController],
  providers: [
    DiskSpace,
    EventLoop,
    HealthReports,
    StartupHealth,
    LiveHealth,
    ...ALL,
    { provide: CHECKS, inject: ALL, useFactory: (...checks: Check[]) => checks },
  ],
  exports: [DiskSpace, EventLoop],
})
export class HealthModule {}
