import { Rate } from './rate.js';

describe('Rate', () => {
  it('knows nothing before the first batch', () => {
    expect(new Rate(10).wait(1000, 0)).toBe(0);
    expect(new Rate(10).run).toBe(0);
  });

  it('counts the batches ahead, and what is left of the one under way', () => {
    const rate = new Rate(10);
    rate.started(0, false);
    rate.note(1, 4);
    rate.started(100, false);
    expect(rate.wait(0, 101)).toBe(3);
    expect(rate.wait(9, 101)).toBe(3);
    expect(rate.wait(25, 101)).toBe(11);
    expect(rate.wait(25, 200)).toBe(8); // it takes longer than ever: it may be over at any moment
  });

  it('shares the batches ahead among the lanes', () => {
    const rate = new Rate(1, 4);
    rate.note(1, 100);
    rate.started(0, false);
    expect(rate.wait(8, 25)).toBe(200);
  });

  it('does not take the time after a queue that was given up for a turn', () => {
    const rate = new Rate(1);
    rate.note(1, 10);
    rate.started(0, true);
    rate.emptied();
    rate.started(60_000, true);
    expect(rate.wait(1, 60_000)).toBe(20);
  });

  it('does not take a batch that was longer than full for a slow one', () => {
    const rate = new Rate(10);
    rate.note(1000, 400);
    expect(rate.run).toBe(4);
  });

  it('follows a model that becomes slower', () => {
    const rate = new Rate(1);
    rate.note(1, 1);
    for (let n = 0; n < 30; n++) rate.note(1, 100);
    expect(rate.run).toBeGreaterThan(95);
  });

  it('learns from a queue that its turns come later than its own batches would let them, and forgets it with the queue', () => {
    const rate = new Rate(1);
    rate.note(1, 10);
    for (let n = 0; n <= 5; n++) rate.started(100 * n, true);
    expect(rate.wait(3, 500)).toBe(400);
    rate.started(600, false);
    expect(rate.wait(3, 600)).toBe(40);
  });
});
