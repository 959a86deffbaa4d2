import { OrielError } from '../../errors.js';
import { readOutcomes } from './outcome-body.js';

function refusal(body: unknown, most = 10): { code: string; pointers: string[] } {
  try {
    readOutcomes(body, most);
  } catch (error) {
    if (error instanceof OrielError)
      return { code: error.code, pointers: error.faults.map(({ pointer }) => pointer) };
    throw error;
  }
  throw new Error('it was taken');
}

describe('readOutcomes', () => {
  it('reads one outcome or an array of them', () => {
    expect(readOutcomes({ prediction: 'p', value: 1 }, 10)).toEqual([['p', 1, null, null]]);
    expect(
      readOutcomes(
        [
          { prediction: 'p', value: [null], item: 3, time: '2026-01-31T12:00:00+01:00' },
          { prediction: 'q', value: null, time: 5 },
        ],
        10,
      ),
    ).toEqual([
      ['p', [null], 3, Date.UTC(2026, 0, 31, 11)],
      ['q', null, null, 5],
    ]);
    expect(readOutcomes([], 10)).toEqual([]);
  });

  it.each([['yesterday'], [1.5], [null], ['2026-02-30T00:00:00Z'], [{}], [true]])(
    'passes on that %j is no time',
    (time) => {
      expect(readOutcomes([{ prediction: 'p', value: 1, time }], 10)).toEqual([
        { faults: [{ pointer: '/time', detail: expect.stringContaining('must be a time') as string }] },
      ]);
    },
  );

  it('refuses what is no outcome by its form, and says where', () => {
    const code = 'invalid-outcomes';
    for (const body of [undefined, null, 1, 'p']) expect(refusal(body)).toEqual({ code, pointers: [''] });
    expect(refusal({})).toEqual({ code, pointers: ['/prediction', '/value'] });
    const body = [
      { prediction: 'p', value: 1 },
      { prediction: 7, value: 1, 'a/b': 1 },
      [],
      { prediction: 'p', value: 1, item: -1 },
    ];
    expect(refusal(body)).toEqual({ code, pointers: ['/1/a~1b', '/1/prediction', '/2', '/3/item'] });
  });

  it('refuses more than it takes at once', () => {
    const body = Array.from({ length: 11 }, () => ({ prediction: 'p', value: 1 }));
    expect(refusal(body)).toEqual({ code: 'too-many-outcomes', pointers: [] });
    expect(readOutcomes(body, 11)).toHaveLength(11);
  });
});
