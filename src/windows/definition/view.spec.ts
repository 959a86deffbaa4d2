import fc from 'fast-check';
import { streamDefinitions } from '../../../test/stream-definitions.js';
import { readDefinition } from './read.js';
import { EXAMPLE } from './schema.js';
import { viewDefinition } from './view.js';

function read(value: unknown): ReturnType<typeof readDefinition> {
  return readDefinition(JSON.parse(JSON.stringify(value)));
}

describe('viewDefinition', () => {
  it('shows every default, durations as texts and offsets as they are aligned', () => {
    const answer = read({
      eventTime: 't',
      windows: { w: { type: 'tumbling', size: 60_000, offset: '-90s' } },
    });
    expect('definition' in answer && viewDefinition(answer.definition)).toEqual({
      key: [],
      source: null,
      id: null,
      eventTime: 't',
      sentAt: null,
      watermark: { type: 'bounded', bound: '0ms', idleAfter: null, futureLimit: '5m' },
      dedupeFor: '1d',
      lateness: '0ms',
      alarm: null,
      windows: { w: { type: 'tumbling', size: '1m', offset: '30s', aggregates: {} } },
      retention: { events: '7d', windows: '400d' },
    });
  });

  it('shows the example of the documentation as it was given, with what it leaves out', () => {
    const answer = read(EXAMPLE);
    expect('definition' in answer && viewDefinition(answer.definition)).toMatchObject({
      ...EXAMPLE,
      windows: { ...EXAMPLE.windows, minute: { ...EXAMPLE.windows.minute, offset: '0ms' } },
    });
  });

  it('leaves out the bound of a punctuated watermark, which has none', () => {
    const answer = read({
      eventTime: 't',
      windows: {},
      watermark: { type: 'punctuated', futureLimit: null },
    });
    expect('definition' in answer && viewDefinition(answer.definition).watermark).toEqual({
      type: 'punctuated',
      idleAfter: null,
      futureLimit: null,
    });
  });

  it('is read back to the same definition, whatever it is', () => {
    fc.assert(
      fc.property(streamDefinitions, (definition) => {
        expect(read(viewDefinition(definition))).toEqual({ definition });
      }),
      { numRuns: 300 },
    );
  });
});
