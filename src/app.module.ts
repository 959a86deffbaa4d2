import { AccessModule } from './access/access.module.js';
import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { AuditPolicyModule } from './audit/policy/policy.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import type { HttpServer } from './http/server.js';
import { JournalModule } from './journal/journal.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { PredictionModule } from './prediction/prediction.module.js';
import { KeepingModule } from './windows/keeping/keeping.module.js';
import type { ThreadEntries } from './threads/entries.js';
import { ThreadsModule } from './threads/threads.module.js';
import { WindowsModule } from './windows/windows.module.js';

/** The main thread's modules. They stop in the reverse of this order, so the journal is the last to go. */
@Module({})
export class AppModule {
  static with(settings: Settings, server: HttpServer, entries: ThreadEntries): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        HttpModule.with(server),
        ThreadsModule.with(entries),
        JournalModule,
        AccessModule,
        DatabaseModule,
        AuditPolicyModule.with(settings),
        AuditModule,
        WindowsModule,
        KeepingModule,
        PredictionModule,
        HealthModule,
        MetricsModule,
      ],
    };
  }
}
