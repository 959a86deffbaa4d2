import { OrielError } from '../errors.js';
import type { ModelConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';

export type VersionState = 'loading' | 'ready' | 'failed' | 'unloaded';

/** A version as the catalog knows it: loaded, on its way, or failed with a reason. */
export interface VersionEntry {
  version: string;
  state: VersionState;
  /** Why it failed, for a person. */
  reason?: string;
  loaded?: ModelVersion;
}

/** A model with its versions, newest first. */
export interface ModelEntry {
  name: string;
  config: ModelConfig;
  versions: VersionEntry[];
}

/** How a caller names a version: by itself, by a label, or not at all. */
export interface VersionChoice {
  version?: string;
  label?: string;
}

/** Which models there are, and which version a request means. */
export class Catalog {
  private readonly models = new Map<string, ModelEntry>();

  set(entry: ModelEntry): void {
    entry.versions.sort((a, b) => compareVersions(b.version, a.version));
    this.models.set(entry.name, entry);
  }

  delete(name: string): void {
    this.models.delete(name);
  }

  /** All models, by name. */
  list(): ModelEntry[] {
    return [...this.models.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): ModelEntry | undefined {
    return this.models.get(name);
  }

  /** @throws OrielError `unknown-model` */
  model(name: string): ModelEntry {
    const entry = this.models.get(name);
    if (!entry) throw new OrielError('notFound', 'unknown-model', `There is no model named ${quote(name)}.`);
    return entry;
  }

  /** The version a choice means. @throws OrielError `unknown-model`, `unknown-version`, `unknown-label` */
  version(name: string, choice: VersionChoice): VersionEntry {
    const model = this.model(name);
    if (choice.label !== undefined && !Object.hasOwn(model.config.labels ?? {}, choice.label)) {
      throw new OrielError(
        'notFound',
        'unknown-label',
        `The model ${name} has no label ${quote(choice.label)}.`,
      );
    }
    const wanted =
      choice.version ??
      (choice.label === undefined ? defaultVersion(model) : model.config.labels?.[choice.label]);
    const entry = model.versions.find(({ version }) => version === wanted);
    if (!entry)
      throw new OrielError(
        'notFound',
        'unknown-version',
        `The model ${name} has no version ${quote(wanted ?? '')}.`,
      );
    return entry;
  }

  /** The loaded version a choice means. @throws OrielError also `model-loading`, `model-unloaded`, `model-failed` (503) */
  ready(name: string, choice: VersionChoice): ModelVersion {
    const entry = this.version(name, choice);
    if (entry.loaded) return entry.loaded;
    if (entry.state === 'loading') {
      throw new OrielError(
        'unavailable',
        'model-loading',
        `Version ${entry.version} of ${name} is being loaded.`,
        { retryAfter: 1 },
      );
    }
    if (entry.state === 'unloaded') {
      throw new OrielError(
        'unavailable',
        'model-unloaded',
        `Version ${entry.version} of ${name} is not loaded.`,
      );
    }
    throw new OrielError(
      'unavailable',
      'model-failed',
      `Version ${entry.version} of ${name} could not be loaded: ${entry.reason}`,
    );
  }
}

/** The version of a model that answers when none is named: its default label's, else the newest. */
export function defaultVersion({ config, versions }: ModelEntry): string | undefined {
  const labelled = config.defaultLabel === undefined ? undefined : config.labels?.[config.defaultLabel];
  return labelled ?? (versions.find(({ state }) => state === 'ready') ?? versions[0])?.version;
}

/** Orders versions as numbers where they are numbers: `10` comes after `9`, `1.10` after `1.9`. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
