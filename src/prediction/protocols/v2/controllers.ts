import { V2InferController } from './infer.controller.js';
import { V2ModelsController } from './models.controller.js';
import { V2RepositoryController } from './repository.controller.js';
import { V2ServerController } from './server.controller.js';

/** The Open Inference Protocol, whole. */
export const V2_CONTROLLERS = [
  V2ServerController,
  V2ModelsController,
  V2InferController,
  V2RepositoryController,
];
