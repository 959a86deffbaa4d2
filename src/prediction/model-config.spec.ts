import { readFileSync } from 'node:fs';
import { readModelConfig } from './model-config.js';

const faultsOf = (config: unknown): unknown => {
  const read = readModelConfig(JSON.stringify(config));
  return 'faults' in read ? read.faults : undefined;
};
const pointersOf = (config: unknown): string[] =>
  ((faultsOf(config) ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);

describe('readModelConfig', () => {
  it('takes an empty object, and the model that comes with Oriel', () => {
    expect(readModelConfig('{}')).toEqual({ config: {} });
    expect(readModelConfig(readFileSync('models/boston-housing/model.json', 'utf8'))).toHaveProperty(
      'config',
    );
  });

  it('reads durations in either form, and a bare name as a feature', () => {
    const read = readModelConfig('{"features":["a"],"cache":{"maxAge":"1h"},"batching":{"deadline":250}}');
    expect(read).toEqual({
      config: { features: [{ name: 'a' }], cache: { maxAge: 3_600_000 }, batching: { deadline: 250 } },
    });
  });

  it.each(['', '{', 'null', '[]', '"text"'])('refuses %j as a whole', (text) => {
    expect(readModelConfig(text)).toMatchObject({ faults: [{ pointer: '' }] });
  });

  it('names every unknown key by its pointer', () => {
    expect(faultsOf({ titel: 'x', cache: { 'max/age': 1 }, versions: { '1': { note: 'x' } } })).toEqual([
      { pointer: '/cache/max~1age', detail: 'is not a known key' },
      { pointer: '/versions/1/note', detail: 'is not a known key' },
      { pointer: '/titel', detail: 'is not a known key' },
    ]);
  });

  it('names the very key that is wrong in a feature', () => {
    expect(faultsOf({ features: ['a', { name: 'b', minimum: 1 }] })).toEqual([
      { pointer: '/features/1/minimum', detail: 'is not a known key' },
    ]);
    expect(pointersOf({ features: [{ name: 'b', min: '1', observed: [1] }] })).toEqual([
      '/features/0/min',
      '/features/0/observed',
    ]);
    expect(pointersOf({ features: [{ description: 'nameless' }] })).toEqual(['/features/0/name']);
    expect(faultsOf({ features: [{ name: 'b', min: 2, max: 1 }] })).toEqual([
      { pointer: '/features/0/min', detail: 'must not be above max' },
    ]);
  });

  it.each([
    [{ features: [1] }, '/features/0'],
    [{ features: [''] }, '/features/0'],
    [{ features: 'a' }, '/features'],
    [{ cache: { maxAge: 'soon' } }, '/cache/maxAge'],
    [{ cache: { maxAge: -1 } }, '/cache/maxAge'],
    [{ batching: { maxRows: 0 } }, '/batching/maxRows'],
    [{ batching: { maxRows: 1.5 } }, '/batching/maxRows'],
    [{ example: { input: {}, prediction: [] } }, '/example/prediction'],
    [{ example: { input: {}, prediction: [null] } }, '/example/prediction/0'],
    [{ example: { input: {}, prediction: [1], tolerance: -1 } }, '/example/tolerance'],
    [{ labels: { stable: 1 } }, '/labels/stable'],
    [{ defaultLabel: 'stable' }, '/defaultLabel'],
    [{ labels: { stable: '1' }, defaultLabel: 'constructor' }, '/defaultLabel'],
    [{ versions: { '1': { metrics: { mae: null } } } }, '/versions/1/metrics/mae'],
  ])('refuses %j at %s', (config, pointer) => {
    expect(pointersOf(config)).toEqual([pointer]);
  });
});
