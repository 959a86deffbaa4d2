import { FIRST_HEAD, headOf, leafOf } from './chain.js';

describe('the chain', () => {
  it('gives other leaves to other kinds, texts and parts', () => {
    const leaves = [
      leafOf('record', 'a'),
      leafOf('act', 'a'),
      leafOf('record', 'b'),
      leafOf('record', 'a', Buffer.from('x')),
    ].map((leaf) => leaf.toString('hex'));
    expect(new Set(leaves).size).toBe(leaves.length);
    expect(leafOf('record', 'a')).toEqual(leafOf('record', 'a'));
  });

  it('gives other heads to other pasts, places, times and leaves, whatever their order', () => {
    const [a, b] = [leafOf('record', 'a'), leafOf('record', 'b')];
    const first = headOf(FIRST_HEAD, 2, 7, [a, b]);
    const heads = [
      first,
      headOf(first, 2, 7, [a, b]),
      headOf(FIRST_HEAD, 3, 7, [a, b]),
      headOf(FIRST_HEAD, 2, 8, [a, b]),
      headOf(FIRST_HEAD, 2, 7, [b, a]),
      headOf(FIRST_HEAD, 2, 7, [a]),
    ].map((head) => head.toString('hex'));
    expect(new Set(heads).size).toBe(heads.length);
  });
});
