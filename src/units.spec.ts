import fc from 'fast-check';
import { formatDuration, parseBytes, parseDuration, parseTime } from './units.js';

describe('durations', () => {
  it('are read as they are written', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (ms) => expect(parseDuration(formatDuration(ms))).toBe(ms)));
  });

  it.each([
    ['250ms', 250], ['10s', 10_000], ['5m', 300_000], ['1h30m', 5_400_000], ['7d', 604_800_000], ['1m30s', 90_000],
    ['90', 90], ['0', 0], ['0ms', 0], [90, 90], ['90s', 90_000], ['1d1h1m1s1ms', 90_061_001], ['5m5ms', 300_005],
  ])('take %j as %d milliseconds', (text, ms) => expect(parseDuration(text)).toBe(ms)); // prettier-ignore

  it.each([
    '',
    ' ',
    's',
    '1.5s',
    '-1s',
    '1s1h',
    '1h1h',
    '1 h',
    '1H',
    'P1D',
    '1e3',
    '9007199254740993',
    '999999999999d',
    -1,
    1.5,
    NaN,
    Infinity,
  ])('do not take %j', (text) => expect(parseDuration(text)).toBeUndefined());

  it('are written in the largest units that fit', () => {
    expect([0, 1, 90_000, 86_400_000, 3_600_001].map(formatDuration)).toEqual([
      '0ms',
      '1ms',
      '1m30s',
      '1d',
      '1h1ms',
    ]);
  });
});

describe('parseBytes', () => {
  it.each([['4096', 4096], ['1KiB', 1024], ['16 MiB', 16_777_216], ['2GiB', 2_147_483_648], ['7B', 7], ['0', 0]])(
    'takes %j as %d',
    (text, bytes) => expect(parseBytes(text)).toBe(bytes),
  ); // prettier-ignore

  it.each([
    '',
    'MiB',
    '1.5MiB',
    '-1',
    '1MB',
    '1mib',
    '1 MiB ',
    '9007199254740993',
    '9999999999GiB',
    'constructor',
  ])('does not take %j', (text) => expect(parseBytes(text)).toBeUndefined());
});

describe('parseTime', () => {
  it('reads what a Date writes, with any offset', () => {
    const times = fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.integer({ min: -1439, max: 1439 }), (time, minutes) => {
        const local = new Date(time.getTime() + minutes * 60_000);
        fc.pre(local.getUTCFullYear() >= 1);
        const size = Math.abs(minutes);
        const two = (n: number): string => String(n).padStart(2, '0');
        const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        expect(parseTime(time.toISOString())).toBe(time.getTime());
        expect(parseTime(local.toISOString().replace('Z', offset))).toBe(time.getTime());
      }),
    );
  });

  it.each([
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31t12:00:00z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00.5Z', Date.UTC(2026, 0, 31, 12) + 500],
    ['2026-01-31T12:00:00.123999Z', Date.UTC(2026, 0, 31, 12) + 123],
    ['2026-01-31T00:30:00+01:00', Date.UTC(2026, 0, 30, 23, 30)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['1969-12-31T23:59:59.999Z', -1],
    ['0', 0], ['-5', -5], [-5, -5], ['1769860800000', 1769860800000], [253402300799999, 253402300799999],
  ])('reads %j as %d', (text, ms) => expect(parseTime(text)).toBe(ms)); // prettier-ignore

  it.each([
    '', 'now', '2026-02-30T00:00:00Z', '2026-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-01-00T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00', '2026-01-01', '2026-01-01 00:00:00Z', '2026-01-01T00:00:00+24:00', '2026-01-01T00:00:00+0100',
    '2026-01-01T00:00:00.Z', '26-01-01T00:00:00Z', ' 0', '1.5', '253402300800000', '-62167219200001', '0000-01-01T00:00:00+01:00', 1.5, NaN, 253402300799999 + 1,
  ])('does not take %j for a time', (text) => expect(parseTime(text)).toBeUndefined()); // prettier-ignore
});
