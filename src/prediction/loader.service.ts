import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { cachePrefix } from './caching/freshness.js';
import { PredictionCache } from './caching/prediction-cache.service.js';
import { Catalog, type ModelEntry, type VersionEntry } from './catalog.js';
import { readModelConfig, type ModelConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';
import { listed, type ModelFiles, type VersionFiles } from './repository.js';
import { VersionOpener, reasonOf } from './version-opener.js';
import { chosenVersions } from './version-policy.js';

/** What a model was last loaded from, so that only a change is loaded again. */
interface Seen {
  config: string | null;
  fingerprints: Map<string, string>;
}

/**
 * Keeps the catalog as the models directory is: new, changed and removed versions are picked up once their writing has
 * settled. A version is swapped only when its successor is loaded and has answered its example; a broken one is told and
 * changes nothing.
 */
@Injectable()
export class LoaderService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Models');
  private readonly seen = new Map<string, Seen>();
  /** By model, the versions that the policy would put aside, but for which there is nothing in their place. */
  private readonly kept = new Map<string, ReadonlySet<string>>();
  /** Models that were unloaded by name: not picked up again until they are loaded by name. */
  private readonly unloaded = new Set<string>();
  /** Fingerprints of the last look at the directory, to tell what is still being written. */
  private last = new Map<string, string>();
  private working: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private started = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly catalog: Catalog,
    private readonly opener: VersionOpener,
    private readonly cache: PredictionCache,
  ) {}

  /** Settled once every model of the directory is ready or has failed for the first time. */
  loaded: Promise<void> = Promise.resolve();

  /** Whether the first load is over. */
  get done(): boolean {
    return this.started;
  }

  async onApplicationBootstrap(): Promise<void> {
    const models = await listed(this.settings);
    if (models.length === 0) this.log.warn(`There is no model in ${this.settings.modelsDir} (ORIEL_MODELS).`);
    this.loaded = this.inTurn(() => this.reconcile(models, true)).then(() => {
      this.started = true;
      this.lookAgain();
    });
    this.loaded.catch((error: unknown) =>
      this.log.error({ msg: 'the models could not be loaded', err: error }),
    );
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Loads a model from the directory as it is now, also if nothing changed. @throws OrielError `load-failed` with the reasons */
  async reload(name: string): Promise<void> {
    await this.inTurn(async () => {
      const files = (await listed(this.settings)).find((model) => model.name === name);
      if (!files) throw loadFailed(name, 'the models directory has no such model');
      this.unloaded.delete(name);
      this.seen.delete(name);
      await this.bring(files);
    });
    const failed = this.catalog.model(name).versions.filter(({ reason }) => reason !== undefined);
    if (failed.length > 0) {
      throw loadFailed(name, failed.map(({ version, reason }) => `version ${version}: ${reason}`).join(' '));
    }
  }

  /** Stops serving a model until it is loaded by name. @throws OrielError `unknown-model` */
  async unload(name: string): Promise<void> {
    await this.inTurn(() => {
      const model = this.catalog.model(name);
      this.unloaded.add(name);
      this.seen.delete(name);
      const loaded = model.versions.flatMap((entry) => entry.loaded ?? []);
      for (const entry of model.versions)
        Object.assign(entry, { state: 'unloaded', loaded: undefined, reason: 'unloaded' });
      loaded.forEach((version) => this.letGo(version));
      return Promise.resolve();
    });
  }

  /** Takes in what the directory holds now, also what was written a moment ago. */
  async look(): Promise<void> {
    await this.inTurn(async () => this.reconcile(await listed(this.settings), true));
  }

  /** One look at the directory, or one order, at a time. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.working.then(work);
    this.working = turn.catch(() => undefined);
    return turn;
  }

  private lookAgain(): void {
    if (this.stopped || this.settings.modelsPoll === 0) return;
    this.timer = setTimeout(() => {
      this.inTurn(async () => this.reconcile(await listed(this.settings), false))
        .catch((error: unknown) => this.log.error({ msg: 'the models directory cannot be read', err: error }))
        .finally(() => this.lookAgain());
    }, this.settings.modelsPoll).unref();
  }

  private async reconcile(models: readonly ModelFiles[], first: boolean): Promise<void> {
    const marks = new Map(models.map((model) => [model.name, markOf(model)]));
    const settled = models.filter(
      ({ name }) => first || marks.get(name) === this.last.get(name) || !this.catalog.find(name),
    );
    this.last = marks;
    for (const { name } of this.catalog.list()) if (!marks.has(name)) this.remove(name);
    await Promise.all(
      settled
        .filter((model) => !this.unloaded.has(model.name) && (first || isSettled(model)))
        .map((model) => this.bring(model)),
    );
  }

  /** Makes the catalog's entry what the files say. */
  private async bring(files: ModelFiles): Promise<void> {
    const seen = this.seen.get(files.name);
    const read = files.config === null ? { config: {} } : readModelConfig(files.config);
    const config: ModelConfig = 'config' in read ? read.config : {};
    const chosen = chosenVersions(config.versionPolicy, [...files.versions.keys()]);
    const configChanged = !seen || seen.config !== files.config;
    const changed = chosen.filter(
      (version) =>
        configChanged || seen.fingerprints.get(version) !== files.versions.get(version)?.fingerprint,
    );
    const current = this.catalog.find(files.name);
    const unchosen = current?.versions.filter(({ version }) => !chosen.includes(version)) ?? [];
    if (seen && changed.length === 0 && unchosen.every(({ version }) => this.isKept(files, version))) return;
    this.seen.set(files.name, {
      config: files.config,
      fingerprints: new Map(
        chosen.map((version) => [version, files.versions.get(version)?.fingerprint ?? '']),
      ),
    });
    const fault =
      files.unreadable ?? ('faults' in read ? `model.json is wrong: ${faultsOf(read)}.` : undefined);
    if (fault !== undefined) {
      this.refuseAll(files, chosen, current, fault);
      return;
    }

    const entries = chosen.map(
      (version): VersionEntry =>
        current?.versions.find((entry) => entry.version === version) ?? { version, state: 'loading' },
    );
    // Labels may name a version that is not loaded yet: the new configuration holds once its versions are in place.
    const next: ModelEntry = { name: files.name, config, versions: entries };
    if (!current) this.catalog.set(next);
    await Promise.all(
      entries
        .filter(({ version }) => changed.includes(version))
        .map((entry) => this.bringVersion(next, entry, files.versions.get(entry.version) as VersionFiles)),
    );
    // Where nothing that was chosen can be served, what the policy would put aside for it goes on.
    const kept = entries.some(({ loaded }) => loaded)
      ? []
      : unchosen.filter(({ version, loaded }) => loaded && files.versions.has(version));
    this.kept.set(files.name, new Set(kept.map(({ version }) => version)));
    this.catalog.set({ ...next, versions: [...entries, ...kept] });
    for (const entry of unchosen) if (entry.loaded && !kept.includes(entry)) this.letGo(entry.loaded);
  }

  private isKept({ name, versions }: ModelFiles, version: string): boolean {
    return versions.has(version) && this.kept.get(name)?.has(version) === true;
  }

  private async bringVersion(model: ModelEntry, entry: VersionEntry, { path }: VersionFiles): Promise<void> {
    try {
      const old = entry.loaded;
      const loaded = await this.opener.open(model, entry.version, path);
      Object.assign(entry, { loaded, state: 'ready', reason: undefined });
      this.log.log({ msg: `${model.name} version ${entry.version} is ready`, threads: loaded.parts.threads });
      if (old) this.letGo(old);
    } catch (error) {
      if (this.stopped) return; // the threads are leaving, too
      this.tellFailure(model.name, entry, reasonOf(error), error);
    }
  }

  /** A wrong `model.json`, or a folder that cannot be read, changes nothing for what is being served; what is new cannot be. */
  private refuseAll(
    files: ModelFiles,
    chosen: readonly string[],
    current: ModelEntry | undefined,
    fault: string,
  ): void {
    const versions =
      current?.versions ?? chosen.map((version): VersionEntry => ({ version, state: 'loading' }));
    this.catalog.set({ name: files.name, config: current?.config ?? {}, versions });
    for (const entry of versions) this.tellFailure(files.name, entry, fault);
  }

  /** Frees a version that is no longer served, once its last answers are out. */
  private letGo(version: ModelVersion): void {
    this.cache.purge(cachePrefix(version.parts.digest));
    version
      .retire()
      .catch((error: unknown) => this.log.error({ msg: 'a version could not be unloaded', err: error }));
  }

  private tellFailure(name: string, entry: VersionEntry, reason: string, cause?: unknown): void {
    entry.reason = entry.loaded ? `A newer file is not served: ${reason}` : reason;
    if (!entry.loaded) entry.state = 'failed';
    this.log.error({ msg: `${name} version ${entry.version} cannot be served`, reason, err: cause });
  }

  private remove(name: string): void {
    const { versions } = this.catalog.model(name);
    this.catalog.delete(name);
    this.seen.delete(name);
    this.kept.delete(name);
    this.unloaded.delete(name);
    this.log.log(`${name} is gone from the models directory`);
    for (const { loaded } of versions) if (loaded) this.letGo(loaded);
  }
}

function faultsOf({ faults }: { faults: readonly { pointer: string; detail: string }[] }): string {
  return faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
}

function markOf({ config, versions }: ModelFiles): string {
  return JSON.stringify([
    config,
    ...[...versions].map(([version, { fingerprint }]) => [version, fingerprint]),
  ]);
}

/** Whether nothing of a model was written a moment ago; a file that was moved into place keeps its older time. */
function isSettled({ versions }: ModelFiles): boolean {
  const now = Date.now();
  return [...versions.values()].every(
    ({ writtenAt }) => now - writtenAt > SETTLED_AFTER_MS || writtenAt > now,
  );
}

const SETTLED_AFTER_MS = 300;

function loadFailed(name: string, reason: string): OrielError {
  return new OrielError('badParameter', 'load-failed', `The model ${name} cannot be loaded: ${reason}`);
}
