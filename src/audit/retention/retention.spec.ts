import { FULL_PASS } from './retention.js';
import fc from 'fast-check';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { firstIdAt } from '../id.js';
import { erasureOf } from './erasures.js';
import {
  AUDIT_ERASE,
  AUDIT_HOLD,
  AUDIT_RELEASE,
  MAX_ERASURES,
  MAX_HOLDS,
  type Erasure,
  type ErasureRequest,
  type HoldFilter,
} from './messages.js';
import { BAD, faultsOf, RetainedRecord } from './testing.js';

const NOON = Date.UTC(2026, 0, 31, 12);
const DAY = 86_400_000;

describe('retention', () => {
  let on: RetainedRecord;
  beforeEach(async () => {
    on = await RetainedRecord.open();
  });
  afterEach(() => on.close());

  const hold = (filter: HoldFilter, id = uuidv7()): string => {
    expect(on.commit([AUDIT_HOLD, { id, time: NOON, reason: 'a case', filter }])).toEqual([
      { result: 'taken' },
    ]);
    return id;
  };
  const release = (id: string): unknown => on.commit([AUDIT_RELEASE, { id, time: NOON }])[0];
  const ask = (request: Partial<ErasureRequest>): string => {
    const id = uuidv7();
    expect(
      on.commit([AUDIT_ERASE, { id, time: NOON, payloadsOnly: false, reason: null, ...request }]),
    ).toEqual([{ result: 'taken' }]);
    return id;
  };
  const erasure = (id: string): Erasure => erasureOf(on.database, id) as Erasure;
  const sound = (): void => expect(faultsOf(on.database)).toEqual([]);
  const payloads = (): number =>
    on.database
      .prepare('SELECT count(*) FROM audit_payloads WHERE input IS NOT NULL')
      .pluck()
      .get() as number;

  it('removes records that are too old, with their payloads and outcomes, and prunes the chain before the first that stays', () => {
    const [id] = on.write({ at: NOON, input: '{"a":1}' }, { at: NOON + 1 });
    on.commit(['test.outcome', [id, 0]]);
    on.write({ at: NOON + DAY });
    on.work({ keep: DAY }, NOON + DAY);
    expect(on.count('audit_requests')).toBe(3);
    on.work({ keep: DAY }, NOON + DAY + 2000_000);
    expect(
      ['audit_requests', 'audit_payloads', 'audit_outcomes', 'journal_tombstones'].map((t) => on.count(t)),
    ).toEqual([1, 0, 0, 0]);
    expect(on.acts().map(({ kind, detail }) => [kind, detail])).toMatchObject([
      ['begun', {}],
      ['erased', { reason: 'age', records: [[2, 4]], payloads: [] }],
      ['pruned', { through: 4, commits: 3 }],
    ]);
    sound();
  });

  it('erases payloads that are too old and keeps their records, with a digest in their place', () => {
    on.write(
      { at: NOON, input: '{"a":1,"b":2}', output: '{"p":1}' },
      { at: NOON + DAY, input: '{"a":3,"b":4}' },
    );
    on.work({ keepPayloads: DAY }, NOON + DAY + 1);
    expect([on.count('audit_requests'), payloads()]).toEqual([2, 1]);
    expect(on.acts().at(-1)?.detail).toEqual({ reason: 'age', records: [], payloads: [[2, 2]] });
    sound();
  });

  it('brings payloads below their cap from the oldest on', () => {
    for (let i = 0; i < 10; i++) on.write({ at: NOON + i, input: JSON.stringify('x'.repeat(9998)) });
    on.work({ maxPayloads: 65_536 }, NOON);
    expect([on.count('audit_requests'), payloads()]).toEqual([10, 6]);
    expect(on.acts().at(-1)?.detail).toMatchObject({ reason: 'size', payloads: [[2, 5]] });
    on.write({ at: NOON + 10, input: JSON.stringify('x'.repeat(9998)) });
    on.work({ maxPayloads: 65_536 }, NOON);
    expect(payloads()).toBe(6);
    sound();
  });

  it('brings the file below its cap, and its size and that of its log go down', () => {
    for (let i = 0; i < 40; i++) on.write({ at: NOON + i, input: JSON.stringify('x'.repeat(100_000)) });
    const size = (name: string): number => statSync(join(on.folder, name)).size;
    on.database.pragma('wal_checkpoint(TRUNCATE)');
    expect(size('oriel.db')).toBeGreaterThan(4_000_000);
    expect(on.work({ maxSize: 2 ** 21 }, NOON)).toMatchObject({ more: false, waits: false, stuck: false });
    expect(size('oriel.db')).toBeLessThanOrEqual(2 ** 21);
    expect(size('oriel.db-wal')).toBe(0);
    expect(on.count('audit_requests')).toBeGreaterThan(15);
    sound();
  });

  it('says so when all that is above a cap is held, and goes on once it is released', () => {
    for (let i = 0; i < 30; i++) on.write({ at: NOON + i, input: JSON.stringify('x'.repeat(100_000)) });
    const id = hold({ model: 'm' });
    expect(on.work({ maxSize: 2 ** 20, keep: 1 }, NOON + DAY)).toMatchObject({ stuck: true });
    expect(on.count('audit_requests')).toBe(30);
    expect(release(id)).toEqual({ result: 'taken' });
    expect(release(id)).toEqual({ result: 'unknown' });
    expect(on.work({ maxSize: 2 ** 20 }, NOON + DAY)).toMatchObject({ stuck: false });
    expect(on.count('audit_requests')).toBeLessThan(12);
    sound();
  });

  it('gives the log back only when no reader needs it, and waits for none', async () => {
    const reader = await RetainedRecord.open(on.folder);
    on.write({ at: NOON, input: '"x"' });
    reader.database.exec('BEGIN; SELECT count(*) FROM audit_requests');
    const id = ask({ records: on.write({ at: NOON, input: '"y"' }) });
    expect(on.work()).toMatchObject({ waits: true });
    expect(erasure(id).state).toBe('sealing');
    reader.database.exec('COMMIT');
    expect(on.work()).toMatchObject({ waits: false });
    expect(erasure(id).state).toBe('done');
    await reader.close(true);
  });

  it.each<[string, HoldFilter, number]>([
    ['a model', { model: 'm' }, 2],
    ['a principal', { principal: 'ann' }, 2],
    ['a time', { from: NOON + 1, to: NOON + 2 }, 1],
    ['all of several', { principal: 'ann', model: 'other' }, 1],
    ['an outcome and a route', { outcome: 'ok', route: '/v1/models/:model/predict', version: '1' }, 3],
    ['something else', { clientRequestId: 'c' }, 0],
  ])('keeps what is held by %s', (_what, filter, kept) => {
    on.write(
      { at: NOON, principal: 'ann', model: 'm' },
      { at: NOON + 1, principal: 'bob', model: 'm' },
      { at: NOON + 2, principal: 'ann', model: 'other' },
    );
    hold(filter);
    on.work({ keep: 1, keepPayloads: 1 }, NOON + DAY);
    expect(on.count('audit_requests')).toBe(kept);
    sound();
  });

  it('keeps the one record that is held by its id, also from an erasure, which says so', () => {
    const ids = on.write({ at: NOON, input: '"a"' }, { at: NOON, input: '"b"' }, { at: NOON, input: '"c"' });
    hold({ id: ids[1] });
    const job = ask({ records: [...ids, uuidv7()] });
    on.work();
    expect(erasure(job)).toMatchObject({ state: 'done', erased: 2, held: 1 });
    expect(on.count('audit_requests')).toBe(1);
    sound();
  });

  it('forgets a hold that was rolled back', () => {
    const id = uuidv7();
    on.commit([AUDIT_HOLD, { id, time: NOON, reason: 'a case', filter: { model: 'm' } }], BAD);
    expect(on.retention.holds.all.map((one) => one.id)).toEqual([id]);
    expect(() =>
      on.writer.within(() => {
        throw new Error('undone');
      }),
    ).toThrow('undone');
    expect(on.retention.holds.all.map((one) => one.id)).toEqual([id]);
    sound();
  });

  it('takes no more holds or erasures than there may be', () => {
    for (let i = 0; i < MAX_HOLDS; i++) hold({ model: `m${i}` });
    const one = { id: uuidv7(), time: NOON, reason: 'a case', filter: { model: 'm' } };
    expect(on.commit([AUDIT_HOLD, one])).toEqual([{ result: 'tooMany' }]);
    for (let i = 0; i < MAX_ERASURES; i++) ask({ principal: 'x' });
    const request = { id: uuidv7(), time: NOON, payloadsOnly: false, reason: null, principal: 'x' };
    expect(on.commit([AUDIT_ERASE, request])).toEqual([{ result: 'tooMany' }]);
  });

  it('leaves no byte of an erased principal or payload in the files', () => {
    const who = (i: number): string => (i % 3 === 0 ? 'ann-who-wants-to-go' : `other-${i % 50}`);
    for (let i = 0; i < 3000; i += 100)
      on.write(
        ...Array.from({ length: 100 }, (_, j) => ({
          at: NOON + i + j,
          principal: who(i + j),
          input: JSON.stringify({
            token: `secret-${who(i + j)}-${i + j}`,
            more: 'x'.repeat((i * 7 + j * 13) % 400),
          }),
        })),
      );
    expect(on.holds('ann-who-wants-to-go')).toBe(true);
    const job = ask({ principal: 'ann-who-wants-to-go', reason: 'case 7' });
    on.work();
    expect(erasure(job)).toMatchObject({ state: 'done', erased: 1000, held: 0, reason: 'case 7' });
    expect(on.holds('ann-who-wants-to-go')).toBe(false);
    expect(on.count('audit_requests')).toBe(2000);
    on.write({ at: NOON, principal: 'ann-who-wants-to-go' });
    sound();
  });

  it('forgets all addresses of an erased principal, also one that is new while they go, and none that is held', () => {
    const callers = (): number =>
      on.database
        .prepare("SELECT count(*) FROM audit_callers WHERE principal = 'ann'")
        .pluck()
        .get() as number;
    const sources = Array.from({ length: 3000 }, (_, index) => `s${String(index).padStart(4, '0')}`);
    on.write(...sources.map((source) => ({ at: NOON, principal: 'ann', source })));
    const [held] = on.write({ at: NOON, principal: 'ann', source: 'held' });
    hold({ id: held });
    const job = ask({ principal: 'ann' });
    while (callers() > 2500) on.step({}, NOON);
    on.write({ at: NOON, principal: 'ann', source: 'a' });
    on.work();
    expect(erasure(job)).toMatchObject({ state: 'done', erased: 3001, held: 1 });
    expect([callers(), on.count('audit_requests')]).toEqual([1, 1]);
    sound();
  });

  it('erases only payloads and outcomes where only they are meant', () => {
    const [id] = on.write({ at: NOON, principal: 'ann', input: '"a-secret-of-ann"' });
    on.commit(['test.outcome', [id, 0]]);
    const job = ask({ principal: 'ann', payloadsOnly: true });
    on.work();
    expect(erasure(job)).toMatchObject({ state: 'done', erased: 1, payloadsOnly: true });
    expect([on.count('audit_requests'), on.count('audit_outcomes'), payloads()]).toEqual([1, 0, 0]);
    expect([on.holds('a-secret-of-ann'), on.holds('ann')]).toEqual([false, true]);
    sound();
  });

  it('goes on with an erasure after a restart', async () => {
    for (let i = 0; i < 20; i++)
      on.write(
        ...Array.from({ length: 500 }, (_, j) => ({
          at: NOON + i * 500 + j,
          principal: 'ann',
          input: '"x"',
        })),
      );
    const job = ask({ principal: 'ann' });
    on.step({}, NOON);
    expect(erasure(job)).toMatchObject({ state: 'running' });
    await on.close(true);
    on = await RetainedRecord.open(on.folder);
    on.work();
    expect(erasure(job)).toMatchObject({ state: 'done', erased: 10_000, held: 0 });
    sound();
  });

  it('removes records from before the chain without a tombstone', () => {
    on.write({ at: NOON, input: '"a"' }, { at: NOON });
    on.database.exec(`UPDATE audit_requests SET leaf = NULL, seq = seq - 1000; DELETE FROM journal_commits;
      UPDATE audit_payloads SET salt = NULL, seq = seq - 1000; DELETE FROM journal_acts`);
    on.work({ keepPayloads: 1 }, NOON + DAY);
    expect(on.count('audit_payloads')).toBe(0);
    on.work({ keep: 1 }, NOON + DAY + 5000);
    expect([on.count('audit_requests'), on.count('journal_tombstones')]).toEqual([0, 0]);
  });
});

describe('whatever is written, held, erased and removed in whatever order', () => {
  type Deed =
    | { do: 'write'; records: { age: number; who: string; input: boolean }[]; outcome: boolean }
    | { do: 'step'; keep: number; keepPayloads: number; maxPayloads: number }
    | { do: 'erase'; who: string; payloadsOnly: boolean }
    | { do: 'hold'; filter: HoldFilter }
    | { do: 'release' }
    | { do: 'bad' };
  const who = fc.constantFrom('ann', 'bob', 'cy');
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    fc.record({
      do: fc.constant('write' as const),
      records: fc.array(fc.record({ age: fc.nat(50), who, input: fc.boolean() }), {
        minLength: 1,
        maxLength: 8,
      }),
      outcome: fc.boolean(),
    }),
    fc.record({
      do: fc.constant('step' as const),
      keep: fc.constantFrom(0, 5, 20),
      keepPayloads: fc.constantFrom(0, 3, 10),
      maxPayloads: fc.constantFrom(0, 100),
    }),
    fc.record({ do: fc.constant('erase' as const), who, payloadsOnly: fc.boolean() }),
    fc.record({
      do: fc.constant('hold' as const),
      filter: fc.oneof(fc.record({ principal: who }), fc.record({ from: fc.nat(50).map((at) => NOON - at) })),
    }),
    fc.constant({ do: 'release' as const }),
    fc.constant({ do: 'bad' as const }),
  );

  it('the chain holds, acts tell of all that went, and what is held stays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 25 }), async (deeds) => {
        const on = await RetainedRecord.open();
        let now = NOON;
        const inForce: string[] = [];
        const heldBefore = (): Set<number> => {
          const seqs = on.database.prepare('SELECT seq FROM audit_requests').pluck().all() as number[];
          return new Set(seqs.filter((seq) => on.retention.holds.hold(seq)));
        };
        const perform = (one: Deed): void => {
          if (one.do === 'write') {
            const ids = on.write(
              ...one.records.map((each) => ({
                at: NOON - each.age,
                principal: each.who,
                input: each.input ? '{"a":1,"b":2}' : null,
              })),
            );
            if (one.outcome) on.commit(...ids.map((id) => ['test.outcome', [id, 0]] as const));
          } else if (one.do === 'step') on.step(one, (now += 1000));
          else if (one.do === 'erase')
            on.commit([
              AUDIT_ERASE,
              { id: uuidv7(), time: now, principal: one.who, payloadsOnly: one.payloadsOnly, reason: null },
            ]);
          else if (one.do === 'hold') {
            inForce.push(uuidv7());
            on.commit([AUDIT_HOLD, { id: inForce.at(-1), time: now, reason: 'a case', filter: one.filter }]);
          } else if (one.do === 'release') on.commit([AUDIT_RELEASE, { id: inForce.pop() ?? '', time: now }]);
          else on.commit(BAD);
        };
        try {
          for (const one of deeds) {
            const held = heldBefore();
            perform(one);
            expect(faultsOf(on.database)).toEqual([]);
            if (one.do === 'step') for (const seq of held) expect(heldBefore()).toContain(seq);
          }
          // While something is held, what was written later with an older id is only come by once in so many passes.
          for (let pass = 0; pass < FULL_PASS; pass++) on.work({ keep: 1, keepPayloads: 1 }, (now += DAY));
          expect(faultsOf(on.database)).toEqual([]);
          const left = on.database.prepare('SELECT seq FROM audit_requests').pluck().all() as number[];
          expect(left.filter((seq) => !on.retention.holds.hold(seq))).toEqual([]);
          expect(
            on.database.prepare("SELECT count(*) FROM audit_erasures WHERE state <> 'done'").pluck().get(),
          ).toBe(0);
          expect(
            on.database.prepare('SELECT count(*) FROM audit_requests WHERE id < ?').pluck().get(firstIdAt(0)),
          ).toBe(0);
        } finally {
          await on.close();
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
