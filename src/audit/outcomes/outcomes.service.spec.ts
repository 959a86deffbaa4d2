import type { JournalService } from '../../journal/journal.service.js';
import type { ToldOutcome } from './outcome-body.js';
import type { OutcomeEntry, OutcomeResults } from './outcome.js';
import { OutcomesService } from './outcomes.service.js';

type Answer = OutcomeResults | { error: Error } | 'full';

/** A journal that does as it is told, and tells what it was asked. */
function journal(answer: (entry: OutcomeEntry, nth: number) => Answer): {
  service: OutcomesService;
  entries: OutcomeEntry[];
  bytes: number[];
} {
  const entries: OutcomeEntry[] = [];
  const bytes: number[] = [];
  const append: JournalService['append'] = (_kind, payload, size, done) => {
    const found = answer(payload as OutcomeEntry, entries.length);
    if (found === 'full') return false;
    entries.push(payload as OutcomeEntry);
    bytes.push(size);
    if ('error' in found) done(found.error);
    else done(null, found);
    return true;
  };
  return { service: new OutcomesService({ append } as JournalService), entries, bytes };
}

const told = (count: number): ToldOutcome[] =>
  Array.from({ length: count }, (_, n) => [`p${n}`, n, null, null] as const);
const all = ({ outcomes }: OutcomeEntry): Answer => ({ results: outcomes.map(() => 'accepted') });
const NOTHING_WRONG = { faults: [{ pointer: '/time', detail: 'is none' }] };

describe('OutcomesService', () => {
  it('cuts many outcomes into entries, each after the one before', async () => {
    const { service, entries, bytes } = journal(all);
    expect(await service.put(told(1201), 12_010, 7)).toEqual({ accepted: 1201, duplicates: 0, rejected: [] });
    expect(entries.map(({ outcomes }) => outcomes.length)).toEqual([500, 500, 201]);
    expect(entries.flatMap(({ outcomes }) => outcomes)).toEqual(told(1201));
    expect(entries.every(({ now }) => now === 7)).toBe(true);
    expect(bytes[0]).toBeGreaterThanOrEqual(500 * 10);
  });

  it('sends again what the journal had no time for', async () => {
    const { service, entries } = journal(({ outcomes }) => ({
      results: outcomes.slice(0, 2).map(() => 'accepted'),
    }));
    expect(await service.put(told(5), 50, 7)).toMatchObject({ accepted: 5 });
    expect(entries.map(({ outcomes }) => outcomes[0]?.[0])).toEqual(['p0', 'p2', 'p4']);
  });

  it('goes on within an outcome of many rows, and remembers whether any of them was news', async () => {
    const answers: OutcomeResults[] = [
      { results: ['duplicate'], unfinished: { done: 40, fresh: true } },
      { results: [], unfinished: { done: 70, fresh: false } },
      { results: ['duplicate'], unfinished: { done: 9, fresh: false } },
      { results: ['duplicate'] },
    ];
    const { service, entries } = journal((_, nth) => answers[nth] as OutcomeResults);
    expect(await service.put(told(3), 50, 7)).toEqual({ accepted: 1, duplicates: 2, rejected: [] });
    expect(entries.map(({ outcomes }) => outcomes[0])).toEqual([
      ['p0', 0, null, null],
      ['p1', 1, null, null, 40],
      ['p1', 1, null, null, 70],
      ['p2', 2, null, null, 9],
    ]);
  });

  it('names what was rejected by its place in the body, whoever found the fault', async () => {
    const { service } = journal(() => ({ results: ['duplicate', NOTHING_WRONG, 'accepted'] }));
    const [a, b, c] = told(3) as [ToldOutcome, ToldOutcome, ToldOutcome];
    expect(await service.put([NOTHING_WRONG, a, b, NOTHING_WRONG, c], 50, 7)).toEqual({
      accepted: 1,
      duplicates: 1,
      rejected: [0, 2, 3].map((index) => ({ index, errors: NOTHING_WRONG.faults })),
    });
  });

  it('does not trouble the journal with nothing', async () => {
    const { service, entries } = journal(all);
    expect(await service.put([], 2, 7)).toEqual({ accepted: 0, duplicates: 0, rejected: [] });
    expect(await service.put([NOTHING_WRONG], 50, 7)).toMatchObject({ accepted: 0 });
    expect(entries).toEqual([]);
  });

  it('says so when the journal takes no more, or cannot write, also half way', async () => {
    const full = journal((entry, nth) => (nth === 0 ? all(entry) : 'full'));
    await expect(full.service.put(told(600), 600, 7)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'journal-full',
      retryAfter: 1,
    });
    const cause = new Error('disk full');
    const broken = journal(() => ({ error: cause }));
    await expect(broken.service.put(told(1), 10, 7)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'not-recorded',
      cause,
    });
  });
});
