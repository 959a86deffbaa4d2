import type { Signature } from '../signature.js';
import { givesRowsFirst, isFaster, isHeavy, timed, type TryRun } from './trial.js';

const signatureOf = (...shape: (number | string | null)[]): Signature =>
  ({ inputs: [{ name: 'x', type: 'float32', shape }] }) as unknown as Signature;
const BATCHING = signatureOf('n', 2);
const busy = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};
const rowsOf: TryRun = ([x]) => Promise.resolve([x!.dims]);

describe('a model is tried', () => {
  it('with one row, a few and many, where it takes rows together', async () => {
    const asked: (readonly number[])[] = [];
    const run: TryRun = ([x]) => {
      asked.push(x!.dims);
      return Promise.resolve([]);
    };
    expect([...(await timed(run, BATCHING)).keys()]).toEqual([1, 8, 64]);
    expect(asked).toContainEqual([64, 2]);
    const tries = asked.length;
    const counted = { inputs: [{ name: 'x', type: 'int64', shape: ['n', 1] }] } as unknown as Signature;
    for (const other of [signatureOf(1, 'any'), signatureOf(), counted])
      expect([...(await timed(run, other)).keys()]).toEqual([]);
    expect(asked).toHaveLength(tries);
  });

  it('no further than it is quick, or computes on zeros', async () => {
    const slow: TryRun = () => {
      busy(30);
      return Promise.resolve([]);
    };
    expect([...(await timed(slow, BATCHING)).keys()]).toEqual([1]); // eight rows might take 240 ms
    const picky: TryRun = (inputs) =>
      inputs[0]!.dims[0] === 8 ? Promise.reject(new Error()) : rowsOf(inputs);
    expect([...(await timed(picky, BATCHING)).keys()]).toEqual([1]);
  });

  it('for whether its outputs have the rows first', async () => {
    expect(await givesRowsFirst(rowsOf, BATCHING)).toBe(true);
    const turned: TryRun = ([x]) => Promise.resolve([x!.dims, [3, x!.dims[0]!]]);
    expect(await givesRowsFirst(turned, BATCHING)).toBe(false);
    expect(await givesRowsFirst(turned, signatureOf(1, 2))).toBe(true); // it goes alone anyway
    expect(await givesRowsFirst(() => Promise.reject(new Error()), BATCHING)).toBe(true);
  });
});

test('a model is worth several threads only when its runs are long and get clearly shorter', () => {
  const quick = new Map([[1, 0.1], [64, 0.9]]); // prettier-ignore
  const long = new Map([[1, 2], [64, 40]]); // prettier-ignore
  expect([isHeavy(quick), isHeavy(long)]).toEqual([false, true]);
  expect(isFaster(new Map([[1, 1.9], [64, 21]]), long)).toBe(true); // prettier-ignore
  expect(isFaster(new Map([[1, 3], [64, 30]]), long)).toBe(false); // prettier-ignore
  expect(isFaster(new Map([[1, 1.9]]), long)).toBe(false);
  expect(isFaster(new Map(), long)).toBe(false);
});
