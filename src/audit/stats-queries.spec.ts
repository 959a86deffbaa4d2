import fc from 'fast-check';
import { Folder, NOON, request, type RecordFields } from '../../test/record-folder.js';
import { MAX_ITEMS, StatsQueries, type Dimension, type StatsItem } from './stats-queries.js';

type Sample = Pick<RecordFields, 'at' | 'status' | 'principal' | 'totalUs' | 'model' | 'lost'>;

const sample: fc.Arbitrary<Sample> = fc.record({
  at: fc.integer({ min: NOON, max: NOON + 299_999 }),
  status: fc.constantFrom(200, 404, 500),
  principal: fc.constantFrom('', 'ann'),
  totalUs: fc.nat(5000),
  model: fc.constantFrom(null, 'm', 'n'),
  lost: fc.constantFrom(null, null, null, 3),
});

/** Counted the plain way. */
function naive(samples: readonly Sample[], by: readonly Dimension[], every: number, from: number, to: number): StatsItem[] {
  const groups = new Map<string, { first: number; named: Record<string, unknown>; us: number[] }>();
  for (const one of samples) {
    if (one.lost !== null || one.at < from || one.at >= to) continue;
    const first = Math.floor(one.at / every) * every;
    const all: Record<string, unknown> = { model: one.model, status: one.status, principal: one.principal || null };
    const named = Object.fromEntries(by.map((dimension) => [dimension, all[dimension]]));
    const key = JSON.stringify([first, named]);
    const group = groups.get(key) ?? { first, named, us: [] };
    group.us.push(one.totalUs);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, named, us }) => {
    us.sort((a, b) => a - b);
    const rank = (share: number): number => (us[Math.ceil(us.length * share) - 1] as number) / 1000;
    return {
      from: new Date(Math.max(first, from)).toISOString(),
      to: new Date(Math.min(first + every, to)).toISOString(),
      ...named,
      count: us.length,
      latency: { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) },
    };
  });
} // prettier-ignore

let on: Folder;
beforeEach(async () => {
  on = await Folder.open();
});
afterEach(() => on.close());

describe('stats', () => {
  it('are what counting one by one gives, whatever is counted by, in buckets of any length', () => {
    const samples = fc.sample(sample, 400);
    on.writer.commit(
      samples.map((one) => request({ ...one, ...(one.model === null ? {} : { version: '1', digest: 'd' }) })),
    );
    const queries = new StatsQueries(on.reading);
    const time = fc.integer({ min: NOON - 1000, max: NOON + 300_000 });
    fc.assert(
      fc.property(
        fc.subarray<Dimension>(['model', 'status', 'principal']),
        fc.constantFrom(7000, 60_000, 86_400_000),
        time,
        time,
        (by, every, a, b) => {
          const [from, to] = a < b ? [a, b] : [b, a];
          const { items } = queries.stats({ filter: { from, to }, by, every, now: NOON });
          const key = (one: StatsItem): string => JSON.stringify([one.from, ...by.map((name) => one[name])]);
          const sorted = (some: readonly StatsItem[]): StatsItem[] =>
            [...some].sort((one, other) => (key(one) < key(other) ? -1 : 1));
          expect(sorted(items)).toEqual(sorted(naive(samples, by, every, from, to)));
          expect(items.map((one) => one.from)).toEqual(items.map((one) => one.from).sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are one bucket up to now without a length, and nothing of nothing', () => {
    const queries = new StatsQueries(on.reading);
    expect(queries.stats({ filter: {}, by: [], now: NOON })).toEqual({ items: [] });
    on.writer.commit([request({ at: NOON, totalUs: 2000 }), request({ at: NOON + 10, totalUs: 1000 })]);
    const [from, to] = [new Date(NOON).toISOString(), new Date(NOON + 500).toISOString()];
    const latency = { p50: 1, p90: 2, p99: 2, max: 2 };
    expect(queries.stats({ filter: {}, by: [], now: NOON + 500 }).items).toEqual([
      { from, to, count: 2, latency },
    ]);
    expect(queries.stats({ filter: { model: 'nobody' }, by: [], now: NOON + 500 }).items).toEqual([]);
  });

  it('say when there are too many buckets or items', () => {
    on.writer.commit([request()]);
    const queries = new StatsQueries(on.reading);
    const asked = { from: NOON, to: NOON + (MAX_ITEMS + 1) * 1000 };
    expect(queries.stats({ filter: asked, by: [], every: 1000, now: NOON })).toEqual({
      items: [],
      tooMany: true,
    });
  });
});
