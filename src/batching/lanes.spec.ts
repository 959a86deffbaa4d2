import fc from 'fast-check';
import { Batcher, type Settle } from './batcher.js';
import { Lanes } from './lanes.js';

interface Underway {
  user: number;
  items: readonly number[];
  settle: Settle<number>;
}

/** Batchers of one item a batch that share `lanes`; each start is told, and settled when the test says so. */
function share(
  lanes: Lanes,
  users: number,
): { batchers: Batcher<number, number>[]; underway: Underway[]; starts: number[] } {
  const underway: Underway[] = [];
  const starts: number[] = [];
  const batchers = Array.from(
    { length: users },
    (_, user) =>
      new Batcher<number, number>(
        { maxBatch: 1, maxWaiting: 1_000_000 },
        (items, _lane, settle) => {
          starts.push(user);
          underway.push({ user, items, settle });
        },
        lanes,
      ),
  );
  return { batchers, underway, starts };
}

const ignore = (): void => undefined;

describe('Lanes', () => {
  it('serves a user that waits before any other is served twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.nat(1000), { minLength: 20, maxLength: 60 }),
        (count, users, picks) => {
          const { batchers, underway, starts } = share(new Lanes(count), users);
          // Everyone but the last user has endless work; the last one asks once, in the middle.
          const endless = batchers.slice(0, -1);
          for (const batcher of endless) for (let n = 0; n < 100; n++) batcher.offer(n, 1, ignore);
          let askedAt = -1;
          picks.forEach((pick, step) => {
            if (step === Math.floor(picks.length / 2)) {
              askedAt = starts.length;
              batchers.at(-1)!.offer(0, 1, ignore);
            }
            const [done] = underway.splice(pick % underway.length, 1);
            done!.settle(null, done!.items);
          });
          const between = starts.slice(askedAt, starts.indexOf(users - 1, askedAt));
          expect(new Set(between).size).toBe(between.length);
        },
      ),
    );
  });

  it('shares its lanes evenly among users that always have work', () => {
    const { batchers, underway, starts } = share(new Lanes(2), 3);
    for (const batcher of batchers) for (let n = 0; n < 100; n++) batcher.offer(n, 1, ignore);
    while (starts.length < 90) {
      const done = underway.shift()!;
      done.settle(null, done.items);
    }
    for (const user of [0, 1, 2]) {
      const share = starts.filter((one) => one === user).length;
      expect(Math.abs(share - 30)).toBeLessThanOrEqual(2);
    }
  });

  it('gives a user several lanes when no other has work', () => {
    const { batchers, underway } = share(new Lanes(3), 2);
    for (let n = 0; n < 5; n++) batchers[0]!.offer(n, 1, ignore);
    expect(underway.map(({ items }) => items)).toEqual([[0], [1], [2]]);
  });

  it('lets what comes at the same time go together, where it is told when that is over', () => {
    const turns: (() => void)[] = [];
    const lanes = new Lanes(1, (grant) => turns.push(grant));
    const underway: { items: readonly number[]; settle: Settle<number> }[] = [];
    const batcher = new Batcher<number, number>(
      { maxBatch: 3, maxWaiting: 100 },
      (items, _lane, settle) => underway.push({ items, settle }),
      lanes,
    );
    for (const n of [1, 2]) batcher.offer(n, 1, ignore);
    expect(underway).toEqual([]);
    expect(turns).toHaveLength(1);
    turns.shift()!();
    for (const n of [3, 4, 5, 6]) batcher.offer(n, 1, ignore);
    // While a batch is under way nobody has to be told: its end serves those that wait.
    expect(turns).toEqual([]);
    underway[0]!.settle(null, [1, 2]);
    expect(underway.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    underway[1]!.settle(null, [3, 4, 5]);
    underway[2]!.settle(null, [6]);
    batcher.offer(7, 1, ignore);
    expect(turns).toHaveLength(1);
    turns.shift()!();
    expect(underway.at(-1)!.items).toEqual([7]);
  });

  it('lets a whole batch go at once', () => {
    const turns: (() => void)[] = [];
    const underway: (readonly number[])[] = [];
    const batcher = new Batcher<number, number>(
      { maxBatch: 3, maxWaiting: 4 },
      (items) => underway.push(items),
      new Lanes(1, (grant) => turns.push(grant)),
    );
    batcher.offer(1, 100, ignore); // more than may wait, and taken since nothing does
    expect(underway).toEqual([[1]]);
    expect(batcher.offer(2, 1, ignore)).toBe(true);
    expect(turns).toEqual([]);
  });

  it('takes a lane back from a user that has nothing to start', () => {
    const lanes = new Lanes(1);
    lanes.request({ start: () => false });
    let got: number | undefined;
    lanes.request({
      start: (lane) => {
        got = lane;
        return true;
      },
    });
    expect(got).toBe(0);
  });
});
