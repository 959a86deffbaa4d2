import fc from 'fast-check';
import { streamDefinitions } from '../../../test/stream-definitions.js';
import type { StreamDefinition } from '../engine/definition.js';
import { alteringChanges } from './changes.js';
import { readDefinition } from './read.js';
import { EXAMPLE } from './schema.js';

function definition(changes: object = {}): StreamDefinition {
  const answer = readDefinition({ ...EXAMPLE, ...changes });
  if ('faults' in answer) throw new Error(JSON.stringify(answer.faults));
  return answer.definition;
}

/** What the change of the example would alter. */
function altered(changes: object): string[] {
  return alteringChanges(definition(), definition(changes));
}

describe('alteringChanges', () => {
  it('is empty where nothing changes', () => {
    fc.assert(
      fc.property(streamDefinitions, (one) => {
        expect(alteringChanges(one, structuredClone(one))).toEqual([]);
      }),
    );
  });

  it('lets windows come and go, and alarm and retention be what they like', () => {
    expect(altered({ windows: {} })).toEqual([]);
    expect(altered({ windows: { ...EXAMPLE.windows, more: { type: 'sliding', size: 1 } } })).toEqual([]);
    expect(altered({ alarm: null, retention: { events: null } })).toEqual([]);
  });

  it('does not mind another order of the same windows, nor the same said otherwise', () => {
    const { minute, ...others } = EXAMPLE.windows;
    expect(altered({ windows: { ...others, minute: { ...minute, size: 60_000, offset: '-2m' } } })).toEqual(
      [],
    );
  });

  it('names all that would alter results', () => {
    expect(
      altered({
        key: ['car', 'city'],
        source: null,
        id: 'uuid',
        eventTime: '/time',
        sentAt: 'sent',
        lateness: 0,
        watermark: { type: 'punctuated', idleAfter: '1h', futureLimit: null },
        windows: {
          ...EXAMPLE.windows,
          minute: {
            ...EXAMPLE.windows.minute,
            size: '2m',
            aggregates: { n: { op: 'count' }, max: { op: 'max', field: 'speed' } },
          },
          close: { type: 'tumbling', size: '10s' },
        },
      }),
    ).toEqual([
      '/key',
      '/source',
      '/id',
      '/eventTime',
      '/sentAt',
      '/lateness',
      '/watermark/type',
      '/watermark/bound',
      '/watermark/idleAfter',
      '/watermark/futureLimit',
      '/windows/minute/size',
      '/windows/minute/aggregates/avg',
      '/windows/minute/aggregates/max',
      '/windows/close/type',
    ]);
  });

  it('minds how long ids are remembered only where there are ids', () => {
    expect(altered({ dedupeFor: '1h' })).toEqual(['/dedupeFor']);
    expect(alteringChanges(definition({ id: null }), definition({ id: null, dedupeFor: '1h' }))).toEqual([]);
  });
});
