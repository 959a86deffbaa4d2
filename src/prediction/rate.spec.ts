import { Rate } from './rate.js';

describe('Rate', () => {
  it('knows nothing before the first batch', () => {
    expect(new Rate(10).wait(1000)).toBe(0);
  });

  it('tells a wait in full batches, at least one', () => {
    const rate = new Rate(10);
    rate.note(1, 4);
    expect(rate.wait(1)).toBe(4);
    expect(rate.wait(25)).toBe(10);
  });

  it('does not take a batch that was longer than full for a slow one', () => {
    const rate = new Rate(10);
    rate.note(1000, 400);
    expect(rate.wait(10)).toBe(4);
  });

  it('follows a model that becomes slower', () => {
    const rate = new Rate(1);
    rate.note(1, 1);
    for (let n = 0; n < 30; n++) rate.note(1, 100);
    expect(rate.wait(1)).toBeGreaterThan(95);
  });
});
