import type { KnownWindow } from '../shown.js';
import { filled } from './fill.js';
import type { Fill } from './windows.dto.js';

const window = (start: number, values: KnownWindow['values'], end = start + 10): KnownWindow => ({
  start,
  end,
  key: '["A"]',
  revision: 1,
  events: 1,
  values,
});
const spans = [0, 10, 20, 30, 40].map((start) => ({ start, end: start + 10 }));
const known = [window(10, { n: 1, name: 'x' }), window(30, { n: 5, name: 'y' })];
const values = (fill: Fill): unknown[] =>
  filled(spans, known, '["A"]', fill, ['n', 'name']).map((one) => [
    one.events,
    one.values.n,
    one.values.name,
  ]);

describe('windows that nobody is in', () => {
  it('say nothing by themselves', () => {
    const nothing = [0, null, null];
    expect(values('null')).toEqual([nothing, [1, 1, 'x'], nothing, [1, 5, 'y'], nothing]);
  });

  it('may say what the one before said', () => {
    expect(values('previous')).toEqual([[0, null, null], [1, 1, 'x'], [0, 1, 'x'], [1, 5, 'y'], [0, 5, 'y']]); // prettier-ignore
  });

  it('may lie between their neighbours, where both are numbers', () => {
    expect(values('linear')).toEqual([[0, null, null], [1, 1, 'x'], [0, 3, null], [1, 5, 'y'], [0, null, null]]); // prettier-ignore
  });

  it('are told apart by their ends where several have one start', () => {
    const steps = [10, 20, 30].map((end) => ({ start: 0, end }));
    const two = [window(0, { n: 1 }, 10), window(0, { n: 2 }, 30)];
    expect(filled(steps, two, '[]', 'linear', ['n']).map((one) => one.values.n)).toEqual([1, 1.5, 2]);
  });
});
