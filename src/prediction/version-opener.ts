import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { ThreadError } from '../threads/thread.js';
import { answering, assembled, probeRequest, probeRunner } from './assembly.js';
import type { ModelEntry } from './catalog.js';
import type { ModelConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';
import { hashOfFile, KnownModels } from './onnx/known-models.js';
import { MODEL_CHANGED, MODEL_FAULT } from './onnx/messages.js';
import { ModelError } from './onnx/model-error.js';
import { InferencePool, type Loading } from './onnx/pool.js';
import { Prober } from './onnx/prober.js';
import { Turns } from './turns.js';

/** How often a version is loaded again because its file was replaced meanwhile, so that some threads have another than the rest. */
const MAX_LOADS = 5;

/**
 * Opens one version of a model: a file that was never loaded before goes through the prober first; then it is loaded into every
 * thread, its features are named, and it must answer its example.
 */
@Injectable()
export class VersionOpener implements OnApplicationShutdown {
  private readonly log = new Logger('Models');
  private nextKey = 1;
  private readonly turns: Turns;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly pool: InferencePool,
    private readonly prober: Prober,
    private readonly known: KnownModels,
  ) {
    // As many as keep every thread at work. With more, the graphs of many models would lie in memory at once.
    this.turns = new Turns(settings.inferenceThreads + 1);
    if (settings.loadProbe) void known.empty().then((empty) => empty && prober.warm());
  }

  /** @throws OrielError, ThreadError, ModelError: `reasonOf` says it for a person */
  async open(model: ModelEntry, version: string, path: string): Promise<ModelVersion> {
    const key = `${model.name}/${version}#${this.nextKey++}`;
    for (let tries = 1; ; tries++) {
      const file = this.settings.loadProbe ? await hashOfFile(path) : undefined;
      const tried = file === undefined ? {} : await this.tried(model, version, path, file);
      try {
        return await this.turns.run(() => this.openNow(model, version, { key, path, ...tried }));
      } catch (error) {
        const changed = error instanceof ThreadError && error.code === MODEL_CHANGED;
        if (!changed || tries >= MAX_LOADS) throw error;
        if (file !== undefined) this.known.forget(file);
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prober.close();
  }

  /** What a model is made of, once it is known that it does no harm. @param file the SHA-256 of its file */
  private async tried(model: ModelEntry, version: string, path: string, file: string): Promise<Tried> {
    const example = exampleOf(model.config, version);
    const known = await this.known.find(file, example);
    if (known) return { expected: known };
    const found = await this.prober.probe(probeRequest(this.settings, path), async (probed) => {
      await answering(assembled(this.settings, model, version, probed, probeRunner(probed)), example);
      return { digest: probed.digest, weights: probed.weights, threads: probed.threads };
    });
    // Where the file was replaced since it was hashed, that is found out when it is loaded, and then this is forgotten.
    await this.known.add(file, found, example).catch((err: unknown) =>
      this.log.warn({
        msg: 'what was loaded well cannot be remembered; it is tried again at the next start',
        err,
      }),
    );
    const { threads, ...expected } = found;
    return { expected, threads };
  }

  private async openNow(model: ModelEntry, version: string, load: Loading): Promise<ModelVersion> {
    const { key } = load;
    const answer = await this.pool.load(load);
    try {
      const opened = assembled(this.settings, model, version, answer, this.pool, key);
      await answering(opened, exampleOf(model.config, version));
      opened.open();
      return opened;
    } catch (error) {
      await this.pool.unload(key);
      throw error;
    }
  }
}

/** What is known of a file before it is loaded into the threads. */
type Tried = Pick<Loading, 'expected' | 'threads'>;

/** The example that a version must answer: its own, else the model's. */
export function exampleOf(config: ModelConfig, version: string): ModelConfig['example'] {
  return config.versions?.[version]?.example ?? config.example;
}

/** Why a version could not be opened, for a person. */
export function reasonOf(error: unknown): string {
  if (error instanceof OrielError) {
    return [error.message, ...error.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)].join(' ');
  }
  if (error instanceof ModelError) return error.message;
  if (error instanceof ThreadError && error.code === MODEL_FAULT) return error.message;
  return 'The server failed to load it; its log says why.';
}
