import { Catalog, defaultVersion, type ModelEntry, type VersionState } from './catalog.js';
import type { ModelConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';

/** A model whose versions stand in the given states; a ready one has something loaded. */
function modelOf(
  name: string,
  states: Readonly<Record<string, VersionState>>,
  config: ModelConfig = {},
): ModelEntry {
  const versions = Object.entries(states).map(([version, state]) => ({
    version,
    state,
    ...(state === 'failed' ? { reason: 'it is broken' } : {}),
    ...(state === 'ready' ? { loaded: { of: version } as unknown as ModelVersion } : {}),
  }));
  return { name, config, versions };
}

function catalogOf(...models: ModelEntry[]): Catalog {
  const catalog = new Catalog();
  for (const model of models) catalog.set(model);
  return catalog;
}

describe('Catalog', () => {
  it('has the newest version first, numbers in the order of numbers', () => {
    const model = modelOf('m', {
      '9': 'ready',
      '10': 'ready',
      '1': 'ready',
      '1.10': 'ready',
      '1.9': 'ready',
    });
    const versions = catalogOf(model)
      .model('m')
      .versions.map(({ version }) => version);
    expect(versions).toEqual(['10', '9', '1.10', '1.9', '1']);
  });

  it('lists models by name', () => {
    const catalog = catalogOf(modelOf('b', {}), modelOf('a', {}), modelOf('c', {}));
    expect(catalog.list().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('answers by the default label, else by the newest version that is ready', () => {
    const states = { '1': 'ready', '2': 'ready', '3': 'failed' } as const;
    expect(defaultVersion(catalogOf(modelOf('m', states)).model('m'))).toBe('2');
    const labelled = modelOf('m', states, { labels: { stable: '1' }, defaultLabel: 'stable' });
    expect(catalogOf(labelled).version('m', {}).version).toBe('1');
    expect(catalogOf(modelOf('m', { '1': 'loading', '2': 'failed' })).version('m', {}).version).toBe('2');
  });

  it('finds a version by itself and by its label', () => {
    const catalog = catalogOf(
      modelOf('m', { '1': 'ready', '2': 'ready' }, { labels: { canary: '2', gone: '7' } }),
    );
    expect(catalog.ready('m', { version: '1' })).toEqual({ of: '1' });
    expect(catalog.ready('m', { label: 'canary' })).toEqual({ of: '2' });
    expect(() => catalog.ready('m', { label: 'gone' })).toThrow(
      expect.objectContaining({ code: 'unknown-version' }) as Error,
    );
  });

  it.each(['constructor', '__proto__', 'toString', 'nobody', ''])(
    'knows no model, version or label %j',
    (name) => {
      const catalog = catalogOf(modelOf('m', { '1': 'ready' }, { labels: { stable: '1' } }));
      expect(() => catalog.model(name)).toThrow(
        expect.objectContaining({ kind: 'notFound', code: 'unknown-model' }) as Error,
      );
      expect(() => catalog.version('m', { version: name })).toThrow(
        expect.objectContaining({ code: 'unknown-version' }) as Error,
      );
      expect(() => catalog.version('m', { label: name })).toThrow(
        expect.objectContaining({ code: 'unknown-label' }) as Error,
      );
    },
  );

  it('does not repeat a very long name in full', () => {
    const long = 'x'.repeat(10_000);
    expect(() => catalogOf().model(long)).toThrow(/^There is no model named "x{100}…"\.$/);
  });

  it('says whether a version is on its way or why it failed', () => {
    const catalog = catalogOf(modelOf('m', { '1': 'loading', '2': 'failed' }));
    expect(() => catalog.ready('m', { version: '1' })).toThrow(
      expect.objectContaining({ kind: 'unavailable', code: 'model-loading', retryAfter: 1 }) as Error,
    );
    expect(() => catalog.ready('m', { version: '2' })).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        code: 'model-failed',
        message: expect.stringContaining('it is broken') as string,
      }) as Error,
    );
  });
});
