import fc from 'fast-check';
import { bytesToUuid, idAt } from '../id.js';
import { FIRST_HEAD, headOf } from '../../journal/chain.js';
import { OUTCOME_CONTENT, outcomeLeaf, type OutcomeContent } from './outcome-leaf.js';
import { AUDIT_OUTCOME, type OutcomeTuple } from './outcome.js';
import { Folder, idOf, NOON, prediction, type PredictionFields } from '../../../test/record-folder.js';

interface Stored {
  seq: number;
  requestId: Buffer;
  item: number;
  model: string;
  version: string;
  digest: string;
  time: number;
  recordedAt: number;
  value: string;
  predicted: string;
  probability: number | null;
  leaf: Buffer;
}

let on: Folder;
let now = 0;
let step = 0;
beforeEach(async () => {
  step = 0;
  on = await Folder.open(() => (now += step));
});
afterEach(() => on.close());

const stored = (): Stored[] => on.database.prepare(`${OUTCOME_CONTENT} ORDER BY o.seq`).all() as Stored[];
const rejected = (...details: (string | RegExp)[]): unknown[] =>
  details.map((detail) => ({
    faults: [{ pointer: '/prediction', detail: expect.stringMatching(detail) as string }],
  }));

test('an outcome is beside what was predicted, with its own place in the chain', () => {
  const id = on.predict({ output: { prediction: ['red'], probabilities: { red: 0.75, blue: 0.25 } } });
  expect(on.tell([[id.toUpperCase(), 'blue', null, NOON - 5]], NOON + 9)).toEqual(['accepted']);
  const [row] = stored();
  expect(row).toMatchObject({
    seq: 2, item: 0, model: 'm', version: '1', digest: 'd', time: NOON - 5, recordedAt: NOON + 9,
    value: '"blue"', predicted: '"red"', probability: 0.25,
  }); // prettier-ignore
  expect(bytesToUuid(row!.requestId)).toBe(id);
});

test('the leaf of an outcome follows from its row alone, and the heads from the leaves', () => {
  const id = on.predict({ output: { predictions: [[1], [2.5]] } });
  on.tell([[id, [3, 4], null, null]]);
  const rows = stored();
  expect(rows).toHaveLength(2);
  for (const { requestId, leaf, seq, item, ...rest } of rows) {
    const { model, version, digest, time, recordedAt, value, predicted, probability } = rest;
    const content: OutcomeContent = [
      seq, bytesToUuid(requestId), item, model, version, digest, time, recordedAt, value, predicted, probability,
    ]; // prettier-ignore
    expect(outcomeLeaf(content)).toEqual(leaf);
    content.forEach((_, at) => {
      const other = content.map((one, i) => (i === at ? 'another' : one)) as unknown as OutcomeContent;
      expect(outcomeLeaf(other)).not.toEqual(leaf);
    });
  }
  const commits = on.database
    .prepare('SELECT last_seq, time, head FROM journal_commits ORDER BY 1')
    .all() as {
    last_seq: number;
    time: number;
    head: Buffer;
  }[];
  const first = on.database.prepare('SELECT leaf FROM audit_requests').pluck().all() as Buffer[];
  const before = headOf(FIRST_HEAD, 1, commits[0]!.time, first);
  expect(commits.map(({ head }) => head)).toEqual([
    before,
    headOf(before, 3, commits[1]!.time, rows.map(({ leaf }) => leaf)),
  ]); // prettier-ignore
});

test('an outcome is taken of a prediction in the same commit, and not of one after it', () => {
  const entry = prediction();
  const outcome: OutcomeTuple = [idOf(entry), 5, null, null];
  const told = [AUDIT_OUTCOME, { now: NOON, outcomes: [outcome] }] as const;
  const [early, , late] = on.writer.commit([told, entry, told]) as [unknown, unknown, unknown];
  expect(early).toEqual({ result: { results: rejected(/^No prediction/) } });
  expect(late).toEqual({ result: { results: ['accepted'] } });
});

const UNFIT: [string, Partial<PredictionFields>, RegExp][] = [
  ['of no model', { model: null, version: null }, /was no prediction/],
  ['of no version', { version: null }, /was no prediction/],
  ['that failed', { outcome: 'serverError' }, /failed/],
  ['that nobody waited for', { outcome: 'aborted' }, /failed/],
  ['without its answer', { output: null }, /not on record/],
  ['with a cut answer', { truncated: 'input,output' }, /only in part: it was longer/],
  ['that holds none', { output: { ready: true } }, /holds no prediction/],
];
test.each(UNFIT)('no outcome is taken of a request %s', (_, fields, detail) => {
  const good = on.predict();
  const bad = on.predict(fields);
  const results = on.tell([[bad, 1, null, null], [good, 1, null, null]]); // prettier-ignore
  expect(results).toEqual([...rejected(detail), 'accepted']);
  expect(stored()).toHaveLength(1);
});

test('no outcome is taken of what is unknown, redacted or erased', () => {
  expect(on.tell([[idAt(NOON), 1, null, null], ['7', 1, null, null]])).toEqual(
    rejected(/^No prediction/, /^No prediction/),
  ); // prettier-ignore
  const id = on.predict();
  on.database.exec("UPDATE audit_payloads SET redacted = 'output'");
  expect(on.tell([[id, 1, null, null]])).toEqual(rejected(/the policy took values out/));
  on.database.exec(
    "UPDATE audit_payloads SET input = NULL, output = NULL, redacted = NULL, salt = NULL, digest = x'00'",
  );
  expect(on.tell([[id, 1, null, null]])).toEqual(rejected(/erased/));
});

test('an entry that takes long leaves the rest for another turn, but always does some', () => {
  const outcomes = Array.from({ length: 5 }, () => [on.predict(), 2, null, null] as const);
  step = 4; // milliseconds that pass with each look at the clock: one at the start, one before each outcome but the first
  expect(on.tell(outcomes)).toEqual(['accepted', 'accepted', 'accepted']);
  step = 1000;
  expect(on.tell(outcomes.slice(3))).toEqual(['accepted']);
  step = 0;
  expect(on.tell(outcomes)).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'accepted']);
});

test('an outcome of many rows is written in as many turns as it needs, and each row once', () => {
  const rows = Array.from({ length: 10 }, (_, n) => [n]);
  const id = on.predict({ output: { predictions: rows } });
  const values = rows.map(([n]) => n! + 1);
  step = 4; // a look at the clock before each row but the first of a turn
  let done = 0;
  const turns: number[] = [];
  for (;;) {
    const { results, unfinished } = on.tellSome([[id, values, null, null, done]]);
    if (!unfinished) {
      expect(results).toEqual(['accepted']);
      break;
    }
    expect(results).toEqual([]);
    expect(unfinished.fresh).toBe(true);
    turns.push(unfinished.done - done);
    done = unfinished.done;
    expect(stored()).toHaveLength(done);
  }
  expect(turns).toEqual([3, 3, 3]);
  expect(stored().map(({ item, value }) => [item, Number(value)])).toEqual(
    values.map((value, item) => [item, value]),
  );
  step = 0;
  expect(on.tell([[id, values, null, null]])).toEqual(['duplicate']);
});

/** What the rules say of a series of outcomes: each row holds its newest, and only what says something else is stored. */
class Model {
  readonly held = new Map<string, { value: number; time: number }>();
  stored = 0;

  tell(key: string, value: number, time: number | null, at: number): boolean {
    const held = this.held.get(key);
    if (held?.value === value && (time === null || time === held.time)) return false;
    this.held.set(key, { value, time: time ?? at });
    this.stored++;
    return true;
  }
}

test('any series of outcomes is taken as the rules say, however it is cut into entries', () => {
  const outcome = fc.record({
    row: fc.integer({ min: 0, max: 3 }),
    value: fc.integer({ min: 0, max: 2 }),
    time: fc.option(fc.integer({ min: 0, max: 1 })),
  });
  fc.assert(
    fc.property(fc.array(fc.array(outcome, { maxLength: 6 }), { maxLength: 4 }), (entries) => {
      const ids = [0, 1].map(() => on.predict({ output: { predictions: [[1], [2]] } }));
      const model = new Model();
      const before = stored().length;
      entries.forEach((entry, at) => {
        const told = entry.map(
          ({ row, value, time }) => [ids[row >> 1]!, value, row & 1, time] as const,
        );
        const expected = entry.map(({ row, value, time }) =>
          model.tell(String(row), value, time, at + 100) ? 'accepted' : 'duplicate',
        );
        if (told.length > 0) expect(on.tell(told, at + 100)).toEqual(expected);
      });
      const rows = stored().slice(before);
      expect(rows).toHaveLength(model.stored);
      const newest = new Map(
        rows.map(({ requestId, item, value, time }) => [
          String(ids.indexOf(bytesToUuid(requestId)) * 2 + item),
          { value: Number(value), time },
        ]),
      );
      expect(newest).toEqual(model.held);
    }),
    { numRuns: 40 },
  );
}); // prettier-ignore
