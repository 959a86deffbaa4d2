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

  it('refuses a body that is no outcome by its form, and says where', () => {
    const code = 'invalid-outcomes';
    for (const body of [undefined, null, 1, 'p']) expect(refusal(body)).toEqual({ code, pointers: [''] });
    expect(refusal({})).toEqual({ code, pointers: ['/prediction', '/value'] });
    expect(refusal({ prediction: 'p', value: 1, time: 'soon' })).toEqual({ code, pointers: ['/time'] });
  });

  it('takes the others of an array where some are no outcomes by their form', () => {
    const pointers = readOutcomes(
      [
        { prediction: 'p', value: 1 },
        { prediction: 7, value: 1, 'a/b': 1, time: {} },
        [],
        null,
        { prediction: 'p', value: 1, item: -1 },
        { prediction: 'q', value: 2 },
      ],
      10,
    ).map((told) => ('faults' in told ? told.faults.map(({ pointer }) => pointer) : told));
    expect(pointers).toEqual([
      ['p', 1, null, null],
      ['/a~1b', '/prediction', '/time'],
      [''],
      [''],
      ['/item'],
      ['q', 2, null, null],
    ]);
  });

  it('names so many faults of an outcome, and no more', () => {
    const body = [Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`x${n}`, 1]))];
    const [told] = readOutcomes(body, 10);
    expect(told).toHaveProperty('faults.length', 10);
  });

  it('refuses more than it takes at once', () => {
    const body = Array.from({ length: 11 }, () => ({ prediction: 'p', value: 1 }));
    expect(refusal(body)).toEqual({ code: 'too-many-outcomes', pointers: [] });
    expect(readOutcomes(body, 11)).toHaveLength(11);
  });
});
