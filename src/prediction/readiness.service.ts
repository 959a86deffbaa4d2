import { Injectable } from '@nestjs/common';
import { Drain } from '../http/drain.js';
import { JournalService } from '../journal/journal.service.js';
import { LoaderService } from './loader.service.js';
import { InferencePool } from './onnx/pool.js';

/** Whether models can be asked, for the probes of every protocol; each says it in its own form. */
@Injectable()
export class Readiness {
  constructor(
    private readonly loader: LoaderService,
    private readonly pool: InferencePool,
    private readonly drain: Drain,
    private readonly journal: JournalService,
  ) {}

  /** Whether every model is ready or has failed for the first time. */
  get started(): boolean {
    return this.loader.done;
  }

  /** What keeps the models from answering; null when nothing does. */
  get ofModels(): string | null {
    if (!this.loader.done) return 'models are being loaded';
    if (this.pool.givenUp) return 'an inference thread died again and again; a restart is needed';
    return this.pool.alive ? null : 'an inference thread is gone';
  }

  /** What keeps this server from answering as far as is known, without another try of what failed. */
  get lastKnown(): string | null {
    if (this.drain.started) return 'it is shutting down';
    return this.ofModels ?? (this.journal.lastFault === null ? null : 'records cannot be written');
  }

  /** Why only a restart of the process helps; null when that is not so. */
  get restartNeeded(): string | null {
    if (this.pool.givenUp) return 'an inference thread died again and again';
    return this.journal.givenUp ? 'the journal thread died again and again' : null;
  }

  /** What keeps this server from answering: it may be leaving too, or its journal take no records. */
  async ofServer(): Promise<string | null> {
    if (this.drain.started) return 'it is shutting down';
    if (this.ofModels !== null) return this.ofModels;
    return (await this.journal.check()).writable ? null : 'records cannot be written';
  }
}
