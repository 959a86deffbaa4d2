import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HealthModule } from '../health/health.module.js';
import { PredictionModule } from '../prediction/prediction.module.js';
import { KeepingModule } from '../windows/keeping/keeping.module.js';
import { WindowsModule } from '../windows/windows.module.js';
import { AccessMetrics } from './access.metrics.js';
import { CacheMetrics } from './cache.metrics.js';
import { HttpMetrics } from './http.metrics.js';
import { InferenceMetrics } from './inference.metrics.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsService } from './metrics.service.js';
import { NodeMetrics } from './node.metrics.js';
import { ProcessMetrics } from './process.metrics.js';
import { RecordMetrics } from './record.metrics.js';
import { METRIC_SOURCES, type MetricSource } from './source.js';
import { StreamMetrics } from './streams.metrics.js';

const SOURCES = [
  HttpMetrics,
  InferenceMetrics,
  CacheMetrics,
  RecordMetrics,
  StreamMetrics,
  ProcessMetrics,
  AccessMetrics,
];

/** Figures for Prometheus, of each domain's own counts. */
@Module({
  imports: [AccessModule, AuditModule, HealthModule, KeepingModule, PredictionModule, WindowsModule],
  controllers: [MetricsController],
  providers: [
    ...SOURCES,
    NodeMetrics,
    MetricsService,
    { provide: METRIC_SOURCES, inject: SOURCES, useFactory: (...sources: MetricSource[]) => sources },
  ],
})
export class MetricsModule {}
