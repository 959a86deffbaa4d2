import { QuotaCounter } from './quota.js';

describe('QuotaCounter', () => {
  it('counts each caller from its first request, and begins anew when the time is over', () => {
    const counter = new QuotaCounter({ amount: 2, window: 1000 }, 10);
    expect(counter.take('a', 0)).toEqual({ left: 1, renewsIn: 1000, over: false });
    expect(counter.take('a', 400)).toEqual({ left: 0, renewsIn: 600, over: false });
    expect(counter.take('a', 999)).toEqual({ left: 0, renewsIn: 1, over: true });
    expect(counter.take('b', 999)).toEqual({ left: 1, renewsIn: 1000, over: false });
    expect(counter.take('a', 1000)).toEqual({ left: 1, renewsIn: 1000, over: false });
  });

  it('says how long what is spent stays so, without counting', () => {
    const counter = new QuotaCounter({ amount: 2, window: 1000 }, 10);
    counter.take('a', 0);
    expect(counter.spent('a', 1)).toBe(0);
    counter.take('a', 100);
    expect([
      counter.spent('a', 100),
      counter.spent('a', 999),
      counter.spent('a', 1000),
      counter.spent('b', 1),
    ]).toEqual([900, 1, 0, 0]);
  });

  it('keeps no more callers than it may, and forgets who was silent longest', () => {
    const counter = new QuotaCounter({ amount: 1, window: 1000 }, 3);
    for (const caller of ['a', 'b', 'c']) counter.take(caller, 0);
    counter.take('a', 1);
    counter.take('d', 1);
    expect(counter.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((caller) => counter.spent(caller, 2) > 0)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});
