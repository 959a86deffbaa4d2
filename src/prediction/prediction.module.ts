import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CachingModule } from './caching/caching.module.js';
import { Catalog } from './catalog.js';
import { LoaderService } from './loader.service.js';
import { ModelsController } from './models.controller.js';
import { InferencePool } from './onnx/pool.js';
import { PredictionController } from './prediction.controller.js';
import { VersionOpener } from './version-opener.js';
import { PredictionService } from './prediction.service.js';

/** Models: found, loaded, listed and asked. */
@Module({
  imports: [AuditModule, CachingModule],
  controllers: [ModelsController, PredictionController],
  providers: [
    { provide: Catalog, useFactory: () => new Catalog() },
    InferencePool,
    LoaderService,
    VersionOpener,
    PredictionService,
  ],
  exports: [Catalog, LoaderService, InferencePool],
})
export class PredictionModule {}
