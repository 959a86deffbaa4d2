import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { ThreadError } from '../threads/thread.js';
import type { ModelEntry } from './catalog.js';
import { AnswerWriter } from './answer.js';
import { featuresOf } from './features.js';
import { checkExample } from './golden-example.js';
import type { ModelConfig } from './model-config.js';
import { ModelVersion } from './model-version.js';
import { MODEL_FAULT } from './onnx/messages.js';
import { InferencePool } from './onnx/pool.js';
import { RowEncoder } from './row-encoder.js';
import { Turns } from './turns.js';

/** Opens one version of a model: loads its file into every thread, names its features, and has it answer its example. */
@Injectable()
export class VersionOpener {
  private nextKey = 1;
  private readonly turns: Turns;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly pool: InferencePool,
  ) {
    // As many as keep every thread at work. With more, the graphs of many models would lie in memory at once.
    this.turns = new Turns(settings.inferenceThreads + 1);
  }

  /** @throws OrielError, ThreadError: `reasonOf` says it for a person */
  open(model: ModelEntry, version: string, path: string): Promise<ModelVersion> {
    return this.turns.run(() => this.openNow(model, version, path));
  }

  private async openNow({ name, config }: ModelEntry, version: string, path: string): Promise<ModelVersion> {
    const key = `${name}/${version}#${this.nextKey++}`;
    const { signature, digest, threads } = await this.pool.load(key, path);
    try {
      const encoder = new RowEncoder(
        featuresOf(signature, config.features),
        signature,
        this.settings.elements,
      );
      const cache = { maxAge: config.cache?.maxAge ?? 0, public: config.cache?.public ?? false };
      const deadline = config.batching?.deadline ?? this.settings.deadline;
      const { classes, probabilities } = signature;
      const labelled = classes && probabilities !== null ? { labels: classes, output: probabilities } : null;
      const writer = new AnswerWriter(name, version, labelled);
      const bounds = {
        maxRows: config.batching?.maxRows ?? this.settings.maxBatch,
        maxQueue: config.batching?.maxQueue ?? this.settings.maxQueue,
      };
      const opened = new ModelVersion(
        { model: name, version, digest, threads, signature, encoder, writer, cache, deadline },
        key,
        this.pool,
        bounds,
      );
      const example = exampleOf(config, version);
      const misfit = example && (await checkExample(opened, example));
      if (misfit) throw new OrielError('invalid', 'wrong-example', misfit);
      opened.open();
      return opened;
    } catch (error) {
      await this.pool.unload(key);
      throw error;
    }
  }
}

/** The example that a version must answer: its own, else the model's. */
export function exampleOf(config: ModelConfig, version: string): ModelConfig['example'] {
  return config.versions?.[version]?.example ?? config.example;
}

/** Why a version could not be opened, for a person. */
export function reasonOf(error: unknown): string {
  if (error instanceof OrielError) {
    return [error.message, ...error.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)].join(' ');
  }
  if (error instanceof ThreadError && error.code === MODEL_FAULT) return error.message;
  return 'The server failed to load it; its log says why.';
}
