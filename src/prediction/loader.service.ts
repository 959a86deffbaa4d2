import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { ThreadError } from '../threads/thread.js';
import { Catalog, type ModelEntry, type VersionEntry } from './catalog.js';
import { featuresOf } from './features.js';
import { checkExample } from './golden-example.js';
import { readModelConfig, type ModelConfig } from './model-config.js';
import { ModelVersion } from './model-version.js';
import { MODEL_FAULT } from './onnx/messages.js';
import { InferencePool } from './onnx/pool.js';
import { listModels, type ModelFiles } from './repository.js';
import { RowEncoder } from './row-encoder.js';

/** Fills the catalog from the models directory: read, load in every thread, warm up on the golden example. */
@Injectable()
export class LoaderService implements OnApplicationBootstrap {
  private readonly log = new Logger('Models');
  private nextKey = 1;
  private loading = true;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly catalog: Catalog,
    private readonly pool: InferencePool,
  ) {}

  /** Settled once every model of the directory is ready or has failed. */
  loaded: Promise<void> = Promise.resolve();

  /** Whether the first load is over. */
  get done(): boolean {
    return !this.loading;
  }

  async onApplicationBootstrap(): Promise<void> {
    const models = await listModels(this.settings.modelsDir);
    if (models.length === 0) this.log.warn(`There is no model in ${this.settings.modelsDir} (ORIEL_MODELS).`);
    this.loaded = Promise.all(models.map((files) => this.loadModel(files))).then(() => {
      this.loading = false;
    });
    this.loaded.catch((error: unknown) =>
      this.log.error({ msg: 'the models could not be loaded', err: error }),
    );
  }

  private async loadModel(files: ModelFiles): Promise<void> {
    const read = files.config === null ? { config: {} } : readModelConfig(files.config);
    const entry: ModelEntry = {
      name: files.name,
      config: 'config' in read ? read.config : {},
      versions: [...files.versions.keys()].map((version) => ({ version, state: 'loading' })),
    };
    this.catalog.set(entry);
    for (const version of entry.versions) {
      if ('faults' in read) {
        this.fail(
          entry,
          version,
          `model.json is wrong: ${read.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')}.`,
        );
      } else await this.loadVersion(entry, version, files.versions.get(version.version) as string);
    }
  }

  private async loadVersion(model: ModelEntry, entry: VersionEntry, path: string): Promise<void> {
    try {
      entry.loaded = await this.open(model, entry.version, path);
      entry.state = 'ready';
      this.log.log(`${model.name} version ${entry.version} is ready`);
    } catch (error) {
      this.fail(model, entry, reasonOf(error), error);
    }
  }

  private async open({ name, config }: ModelEntry, version: string, path: string): Promise<ModelVersion> {
    const key = `${name}/${version}#${this.nextKey++}`;
    const { signature, digest } = await this.pool.load({ key, path });
    try {
      const encoder = new RowEncoder(featuresOf(signature, config.features), signature);
      const bounds = {
        maxRows: config.batching?.maxRows ?? this.settings.maxBatch,
        maxQueue: config.batching?.maxQueue ?? this.settings.maxQueue,
      };
      const loaded = new ModelVersion(
        { model: name, version, digest, signature, encoder },
        key,
        this.pool,
        bounds,
      );
      const example = exampleOf(config, version);
      const misfit = example && (await checkExample(loaded, example));
      if (misfit) throw new OrielError('invalid', 'wrong-example', misfit);
      return loaded;
    } catch (error) {
      await this.pool.unload(key);
      throw error;
    }
  }

  private fail(model: ModelEntry, entry: VersionEntry, reason: string, cause?: unknown): void {
    entry.state = 'failed';
    entry.reason = reason;
    this.log.error({ msg: `${model.name} version ${entry.version} cannot be served`, reason, err: cause });
  }
}

/** The example that a version must answer: its own, else the model's. */
export function exampleOf(config: ModelConfig, version: string): ModelConfig['example'] {
  return config.versions?.[version]?.example ?? config.example;
}

function reasonOf(error: unknown): string {
  if (error instanceof OrielError) {
    return [error.message, ...error.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)].join(' ');
  }
  if (error instanceof ThreadError && error.code === MODEL_FAULT) return error.message;
  return 'The server failed to load it; its log says why.';
}
