import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { OutcomesModule } from '../audit/outcomes/outcomes.module.js';
import { ServedModels } from '../audit/outcomes/served-models.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { THREAD_ENTRIES, type ThreadEntries } from '../threads/entries.js';
import { BulkService } from './bulk/bulk.service.js';
import { CachingModule } from './caching/caching.module.js';
import { Catalog } from './catalog.js';
import { DataPlane } from './data-plane.js';
import { LoaderService } from './loader.service.js';
import { ModelsController } from './models.controller.js';
import { KnownModels } from './onnx/known-models.js';
import { InferencePool } from './onnx/pool.js';
import { Prober } from './onnx/prober.js';
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
    {
      provide: Prober,
      inject: [SETTINGS, THREAD_ENTRIES],
      useFactory: ({ loadTimeout, loadMemory }: Settings, { prober }: ThreadEntries) =>
        new Prober({ entry: prober, timeout: loadTimeout, memory: loadMemory }),
    },
    {
      provide: KnownModels,
      inject: [SETTINGS],
      useFactory: ({ dataDir }: Settings) => new KnownModels(join(dataDir, 'oriel.models')),
    },
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
