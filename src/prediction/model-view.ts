import { defaultVersion, type ModelEntry, type VersionEntry } from './catalog.js';
import { modelVersionStatus } from './protocols/tfs/status.js';
import { exampleOf } from './version-opener.js';
import { formatDuration } from '../units.js';

/** How the API shows a version in the list of its model. */
export function versionSummary(model: ModelEntry, entry: VersionEntry): Record<string, unknown> {
  const labels = Object.entries(model.config.labels ?? {}).filter(([, version]) => version === entry.version);
  return {
    version: entry.version,
    state: entry.state,
    ...(entry.reason === undefined ? {} : { reason: entry.reason }),
    labels: labels.map(([label]) => label),
    digest: entry.loaded?.parts.digest ?? null,
    ...model.config.versions?.[entry.version],
  };
}

/** How the API shows a model in a list. */
export function modelSummary(model: ModelEntry): Record<string, unknown> {
  const { config } = model;
  return {
    name: model.name,
    title: config.title ?? null,
    description: config.description ?? null,
    state: model.versions.some(({ state }) => state === 'ready')
      ? 'ready'
      : (model.versions[0]?.state ?? 'failed'),
    defaultVersion: defaultVersion(model) ?? null,
    defaultLabel: config.defaultLabel ?? null,
    labels: config.labels ?? {},
    versions: model.versions.map((entry) => versionSummary(model, entry)),
  };
}

/** Everything there is to know of one version: what it takes and gives, and how it is cached and batched. */
export function versionView(model: ModelEntry, entry: VersionEntry): Record<string, unknown> {
  const { config } = model;
  const loaded = entry.loaded;
  return {
    model: model.name,
    ...versionSummary(model, entry),
    target: config.target ?? null,
    signature: loaded
      ? { inputs: loaded.parts.signature.inputs, outputs: loaded.parts.signature.outputs }
      : null,
    producer: loaded?.parts.signature.producer ?? null,
    opset: loaded?.parts.signature.opset ?? null,
    metadata: loaded?.parts.signature.metadata ?? {},
    features:
      loaded?.features.map(({ config: feature, type, shape }) => ({ ...feature, type, shape })) ??
      config.features ??
      [],
    example: exampleOf(config, entry.version) ?? null,
    cache: { maxAge: formatDuration(config.cache?.maxAge ?? 0), public: config.cache?.public ?? false },
    ready: loaded !== undefined,
    model_version_status: [modelVersionStatus(entry)],
  };
}

/** A model with its versions, and everything about the one that answers by default. */
export function modelView(model: ModelEntry): Record<string, unknown> {
  const entry = model.versions.find(({ version }) => version === defaultVersion(model));
  const statuses = model.versions.map(modelVersionStatus);
  if (!entry) return { ...modelSummary(model), ready: false, model_version_status: statuses };
  const {
    model: _name,
    version,
    state: _state,
    reason: _reason,
    labels: _labels,
    description: _description,
    ...view
  } = versionView(model, entry);
  return { ...modelSummary(model), version, ...view, model_version_status: statuses };
}
