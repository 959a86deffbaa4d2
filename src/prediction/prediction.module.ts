import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { OutcomesModule } from '../audit/outcomes/outcomes.module.js';
import { ServedModels } from '../audit/outcomes/served-models.js';
import { BulkService } from './bulk/bulk.service.js';
import { CachingModule } from './caching/caching.module.js';
import { Catalog } from './catalog.js';
import { DataPlane } from './data-plane.js';
import { LoaderService } from './loader.service.js';
import { ModelsController } from './models.controller.js';
import { InferencePool } from './onnx/pool.js';
import { PredictionController } from './prediction.controller.js';
import { Readiness } from './readiness.service.js';
import { VersionOpener } from './version-opener.js';
import { PredictionService } from './prediction.service.js';
import { Interpreter } from './protocols/interpreter.js';
import { MlflowController } from './protocols/mlflow/mlflow.controller.js';
import { PingController } from './protocols/mlflow/ping.controller.js';
import { TfsController } from './protocols/tfs/tfs.controller.js';
import { V2_CONTROLLERS } from './protocols/v2/controllers.js';
import { V2Service } from './protocols/v2/v2.service.js';

/** Models: found, loaded, listed and asked. */
@Module({
  imports: [AuditModule, OutcomesModule, CachingModule],
  controllers: [
    ModelsController,
    PredictionController,
    TfsController,
    MlflowController,
    PingController,
    ...V2_CONTROLLERS,
  ],
  providers: [
    { provide: Catalog, useFactory: () => new Catalog() },
    InferencePool,
    LoaderService,
    VersionOpener,
    Readiness,
    DataPlane,
    PredictionService,
    BulkService,
    Interpreter,
    V2Service,
  ],
  exports: [BulkService, CachingModule, Catalog, InferencePool, Readiness],
})
export class PredictionModule {
  constructor(catalog: Catalog, served: ServedModels) {
    served.answerBy((name) => catalog.find(name) !== undefined);
  }
}
