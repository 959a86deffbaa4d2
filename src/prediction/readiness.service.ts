import { Injectable } from '@nestjs/common';
import { Drain } from '../http/drain.js';
import { LoaderService } from './loader.service.js';
import { InferencePool } from './onnx/pool.js';

/** Whether models can be asked, for the probes of every protocol; each says it in its own form. */
@Injectable()
export class Readiness {
  constructor(
    private readonly loader: LoaderService,
    private readonly pool: InferencePool,
    private readonly drain: Drain,
  ) {}

  /** Whether every model is ready or has failed for the first time. */
  get started(): boolean {
    return this.loader.done;
  }

  /** What keeps the models from answering, in words that fit after "it is not ready:"; null when nothing does. */
  get ofModels(): string | null {
    if (!this.loader.done) return 'models are being loaded';
    return this.pool.alive ? null : 'an inference thread is gone';
  }

  /** The same for this server, which is not ready either from the moment it was asked to leave. */
  get ofServer(): string | null {
    return this.drain.started ? 'it is shutting down' : this.ofModels;
  }
}
