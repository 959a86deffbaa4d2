import fc from 'fast-check';
import { Pace } from './pace.js';

describe('the pace of retention', () => {
  it('is halved by each step that held the writer too long, and never comes to a stop', () => {
    const pace = new Pace();
    for (let i = 0; i < 100; i++) pace.held(1);
    const before = pace.budget;
    pace.held(50);
    expect(pace.budget).toBe(before / 2);
    for (let i = 0; i < 20; i++) pace.held(50);
    expect(pace.budget).toBe(1.5);
  });

  it('grows slowly while steps are short, up to a limit', () => {
    const pace = new Pace();
    for (let i = 0; i < 100; i++) {
      const before = pace.budget;
      pace.held(1);
      expect(pace.budget / before).toBeLessThan(1.2);
    }
    expect([pace.budget, pace.share]).toEqual([4, 1]);
  });

  it('holds the writer little longer than it may, whatever a commit costs for what was done', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 5, noNaN: true }), (cost) => {
        const pace = new Pace();
        const step = (): number => pace.budget * (1 + cost);
        for (let i = 0; i < 50; i++) pace.held(step());
        for (let i = 0; i < 50; i++) {
          expect(step()).toBeLessThan(11.01);
          pace.held(step());
        }
      }),
    );
  });
});
