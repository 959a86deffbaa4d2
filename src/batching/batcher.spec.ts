import fc from 'fast-check';
import { Batcher, type Settle } from './batcher.js';
import { Lanes } from './lanes.js';

/** How a run of the model below ends: at once inside `run`, or when the test says so. */
const ENDS = ['right', 'error', 'tooFew', 'tooMany', 'nothing', 'twice'] as const;
type End = (typeof ENDS)[number];

interface Underway {
  items: readonly number[];
  lane: number;
  settle: Settle<string>;
}

interface Step {
  /** Weight to offer, or null to settle instead. */
  weight: number | null;
  /** What `run` does with a batch that begins in this step. */
  start: 'later' | 'throws' | End;
  end: End;
  pick: number;
  /** How many further items the answer to an offered item offers. */
  again: number;
}

const steps = fc.array(
  fc.record<Step>({
    weight: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 2 }),
    start: fc.constantFrom('later', 'later', 'later', 'throws', ...ENDS),
    end: fc.constantFrom('right', 'right', ...ENDS),
    pick: fc.nat(1000),
    again: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  { maxLength: 60 },
);
const setups = fc.record({
  maxBatch: fc.integer({ min: 1, max: 10 }),
  maxWaiting: fc.integer({ min: 1, max: 20 }),
  lanes: fc.integer({ min: 1, max: 3 }),
});

/** Drives a batcher step by step and checks every law that must hold at each moment. */
class Harness {
  readonly weights: number[] = [];
  readonly accepted: number[] = [];
  readonly started: number[] = [];
  readonly failed = new Set<number>();
  readonly answers = new Map<number, (Error | string)[]>();
  readonly underway: Underway[] = [];
  start: Step['start'] = 'later';
  private readonly batcher: Batcher<number, string>;

  constructor(private readonly setup: { maxBatch: number; maxWaiting: number; lanes: number }) {
    this.batcher = new Batcher<number, string>(
      setup,
      (items, lane, settle) => this.run(items, lane, settle),
      new Lanes(setup.lanes),
    );
  }

  offer(weight: number, again: number): void {
    const item = this.weights.push(weight) - 1;
    const before = this.batcher.waiting;
    this.accepted.push(item); // before the offer: the item may run and be answered within it
    const taken = this.batcher.offer(item, weight, (error, result) => {
      this.answers.set(item, [...(this.answers.get(item) ?? []), error ?? (result as string)]);
      for (let n = 0; n < again; n++) this.offer(weight, 0);
    });
    expect(taken).toBe(before === 0 || before + weight <= this.setup.maxWaiting);
    if (!taken) this.accepted.splice(this.accepted.indexOf(item), 1);
  }

  settleOne(pick: number, end: End): void {
    const [batch] = this.underway.splice(pick % Math.max(1, this.underway.length), 1);
    if (batch) this.end(batch, end);
  }

  checkNow(): void {
    const waiting = this.accepted.slice(this.started.length);
    const weight = waiting.reduce((sum, item) => sum + this.weights[item]!, 0);
    expect(this.batcher.waiting).toBe(weight);
    expect(weight <= this.setup.maxWaiting || waiting.length === 1).toBe(true);
    if (this.underway.length < this.setup.lanes) expect(waiting).toEqual([]); // nobody waits beside a free lane
  }

  checkEnd(): void {
    this.start = 'later';
    while (this.underway.length > 0) this.settleOne(0, 'right');
    expect(this.started).toEqual(this.accepted); // none lost, none invented, in order
    expect([...this.answers.keys()].sort((a, b) => a - b)).toEqual(this.accepted);
    for (const [item, [answer, ...more]] of this.answers) {
      expect(more).toEqual([]); // none answered twice
      if (this.failed.has(item)) expect(answer).toBeInstanceOf(Error);
      else expect(answer).toBe(`result of ${item}`);
    }
  }

  private run(items: readonly number[], lane: number, settle: Settle<string>): void {
    const weight = items.reduce((sum, item) => sum + this.weights[item]!, 0);
    expect(items.length).toBeGreaterThan(0);
    expect(weight <= this.setup.maxBatch || items.length === 1).toBe(true);
    expect(lane).toBeLessThan(this.setup.lanes);
    expect(this.underway.map((batch) => batch.lane)).not.toContain(lane);
    this.started.push(...items);
    const batch = { items, lane, settle };
    if (this.start === 'later') {
      this.underway.push(batch);
    } else if (this.start === 'throws') {
      for (const item of items) this.failed.add(item);
      throw new Error('run threw');
    } else this.end(batch, this.start);
  }

  private end({ items, settle }: Underway, end: End): void {
    const results = items.map((item) => `result of ${item}`);
    if (end !== 'right' && end !== 'twice') for (const item of items) this.failed.add(item);
    if (end === 'error') settle(new Error('the batch failed'));
    else if (end === 'nothing') settle(null);
    else if (end === 'tooFew') settle(null, results.slice(1));
    else if (end === 'tooMany') settle(null, [...results, 'one more']);
    else settle(null, results);
    if (end === 'twice') settle(new Error('a second end of the same batch'));
  }
}

describe('Batcher', () => {
  it('keeps its laws whatever is offered and however batches end', () => {
    fc.assert(
      fc.property(setups, steps, (setup, script) => {
        const harness = new Harness(setup);
        for (const { weight, start, end, pick, again } of script) {
          harness.start = start;
          if (weight === null) harness.settleOne(pick, end);
          else harness.offer(weight, again);
          harness.checkNow();
        }
        harness.checkEnd();
      }),
      { numRuns: 200 },
    );
  });

  it('sends an item at once when idle, and all that came meanwhile when the batch under way ends', () => {
    const batches: (readonly string[])[] = [];
    const open: Settle<string>[] = [];
    const batcher = new Batcher<string, string>(
      { maxBatch: 100, maxWaiting: 100 },
      (items, _lane, settle) => {
        batches.push(items);
        open.push(settle);
      },
    );
    const ignore = (): void => undefined;

    batcher.offer('a', 1, ignore);
    for (const item of ['b', 'c', 'd']) batcher.offer(item, 1, ignore);
    open[0]!(null, ['A']);

    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('has the next batch under way before it answers the one that ended', () => {
    const seen: string[] = [];
    const open: Settle<string>[] = [];
    const batcher = new Batcher<string, string>(
      { maxBatch: 100, maxWaiting: 100 },
      (items, _lane, settle) => {
        seen.push(`begin ${items.join()}`);
        open.push(settle);
      },
    );
    batcher.offer('a', 1, () => seen.push('answer a'));
    batcher.offer('b', 1, () => seen.push('answer b'));
    open[0]!(null, ['A']);
    open[1]!(new Error('the disk is full'));
    expect(seen).toEqual(['begin a', 'begin b', 'answer a', 'answer b']);
  });

  it('sends an item heavier than a batch may be alone', () => {
    const batches: (readonly string[])[] = [];
    const open: Settle<string>[] = [];
    const batcher = new Batcher<string, string>({ maxBatch: 4, maxWaiting: 100 }, (items, _lane, settle) => {
      batches.push(items);
      open.push(settle);
    });
    const ignore = (): void => undefined;

    for (const [item, weight] of [
      ['first', 1],
      ['light', 1],
      ['heavy', 9],
      ['last', 1],
    ] as const)
      batcher.offer(item, weight, ignore);
    for (let n = 0; n < 4; n++) open[n]?.(null, batches[n]);

    expect(batches).toEqual([['first'], ['light'], ['heavy'], ['last']]);
  });

  it('takes an item heavier than its queue only while nothing waits', () => {
    const batcher = new Batcher<string, string>({ maxBatch: 4, maxWaiting: 4 }, () => undefined);
    const ignore = (): void => undefined;
    batcher.offer('under way', 1, ignore);

    expect(batcher.offer('heavy', 9, ignore)).toBe(true);
    expect(batcher.offer('light', 1, ignore)).toBe(false);
    expect(batcher.waiting).toBe(9);
  });

  it('says how many results came when their number is wrong', () => {
    const errors: (string | undefined)[] = [];
    const batcher = new Batcher<string, string>({ maxBatch: 9, maxWaiting: 9 }, (_items, _lane, settle) =>
      settle(null, []),
    );
    batcher.offer('a', 1, (error) => errors.push(error?.message));
    expect(errors).toEqual(['a batch of 1 was answered with 0 results']);
  });

  it('survives a chain of a hundred thousand answers that each offer the next item', () => {
    let left = 100_000;
    const batcher = new Batcher<number, number>({ maxBatch: 9, maxWaiting: 9 }, (items, _lane, settle) =>
      settle(null, items),
    );
    const next = (): void => {
      if (left-- > 0) batcher.offer(left, 1, next);
    };
    next();
    expect(left).toBe(-1);
    expect(batcher.waiting).toBe(0);
  });

  it('drops waiting items for the reason given, and leaves the others in their order', () => {
    const batches: (readonly number[])[] = [];
    const open: Settle<string>[] = [];
    const batcher = new Batcher<number, string>({ maxBatch: 10, maxWaiting: 100 }, (items, _lane, settle) => {
      batches.push(items);
      open.push(settle);
    });
    const answers = new Map<number, unknown>();
    for (let n = 0; n < 7; n++)
      batcher.offer(n, 2, (error, result) => answers.set(n, error?.message ?? result));
    batcher.drop((n) => (n % 3 === 0 ? new Error('late') : null)); // 0 is under way and no longer waits
    expect(batcher.waiting).toBe(8);
    expect([...answers]).toEqual([
      [3, 'late'],
      [6, 'late'],
    ]);
    open[0]!(null, ['a']);
    open[1]!(null, ['b', 'c', 'd', 'e']);
    expect(batches).toEqual([[0], [1, 2, 4, 5]]);
    expect(answers.size).toBe(7);
  });

  it('gives its lane back also when an answer throws', () => {
    const open: Settle<string>[] = [];
    const batcher = new Batcher<number, string>({ maxBatch: 1, maxWaiting: 10 }, (_items, _lane, settle) => {
      open.push(settle);
    });
    batcher.offer(1, 1, () => {
      throw new Error('of the caller');
    });
    batcher.offer(2, 1, () => undefined);
    expect(() => open[0]!(null, ['x'])).toThrow('of the caller');
    expect(open).toHaveLength(2);
  });
});
