import { Histogram, LATENCY_BOUNDS } from './histogram.js';

describe('Histogram', () => {
  it('counts a value that equals a bound below it, as Prometheus does', () => {
    const histogram = new Histogram([1, 2, 4]);
    for (const value of [0, 1, 1.5, 2, 3, 4, 5, 100]) histogram.add(value);
    expect([...histogram.counts]).toEqual([2, 2, 2, 2]);
    expect(histogram.count).toBe(8);
    expect(histogram.sum).toBe(116.5);
  });

  it('counts a value as often as it came', () => {
    const histogram = new Histogram([1]);
    histogram.add(3, 5);
    expect([[...histogram.counts], histogram.sum]).toEqual([[0, 5], 15]);
  });

  it('has bounds in ascending order', () => {
    expect([...LATENCY_BOUNDS].sort((a, b) => a - b)).toEqual(LATENCY_BOUNDS);
  });
});
