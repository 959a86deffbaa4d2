import fc from 'fast-check';
import { FIRST_TIME, LAST_TIME, parseTime } from '../../units.js';
import { readTime } from './time.js';

describe('readTime', () => {
  it('reads every time of the years 0 to 9999 as a clock in UTC writes it', () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST_TIME, max: LAST_TIME }), (ms) => {
        const text = new Date(ms).toISOString();
        expect(readTime(text)).toBe(ms);
        expect(readTime(text.replace(/\.\d+/, ''))).toBe(ms - (((ms % 1000) + 1000) % 1000));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads any text as parseTime does, also when a character of a time is another', () => {
    const time = fc.constantFrom(
      '2026-02-28T23:59:59.999Z',
      '2024-02-29T12:00:00Z',
      '1900-02-29T00:00:00.000Z',
    );
    const char = fc.constantFrom(...Array.from('0123456789:;/-+.TtZz \u0660'));
    fc.assert(
      fc.property(time, fc.nat(23), char, (text, place, other) => {
        const changed = text.slice(0, place) + other + text.slice(place + 1);
        expect(readTime(changed)).toBe(parseTime(changed));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '2026-01-31T13:00:00+01:00',
    '2026-01-31t12:00:00.123456z',
    '1769860800000',
    '-5',
    0,
    -5,
    1.5,
    Infinity,
    '',
  ])('reads %p as parseTime does', (value) => expect(readTime(value)).toBe(parseTime(value)));

  it.each([null, undefined, true, {}, ['2026-01-31T12:00:00Z']])('reads no time in %p', (value) => {
    expect(readTime(value)).toBeUndefined();
  });
});
