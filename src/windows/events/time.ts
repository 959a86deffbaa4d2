import { parseTime } from '../../units.js';

const [DASH, COLON, DOT, T, Z] = [45, 58, 46, 84, 90] as const;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Reads a time as `parseTime` does. The form that nearly all clocks write, `2026-01-31T12:00:00.000Z` with or without a fraction, is
 * read here in a fraction of the time: no other part of an event costs as much.
 * @returns epoch milliseconds, or undefined when it is not a time
 */
export function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return parseTime(value);
  if (typeof value !== 'string') return undefined;
  return (value.length === 24 || value.length === 20 ? readUtc(value) : undefined) ?? parseTime(value);
}

function readUtc(text: string): number | undefined {
  if (!hasUtcForm(text)) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const ms = text.length === 24 ? digits(text, 20, 3) : 0;
  // Of NaN, which is no digits, nothing holds.
  const inRange =
    year >= 0 && month >= 1 && month <= 12 && hour <= 23 && minute <= 59 && second <= 59 && ms >= 0;
  if (!(inRange && day >= 1)) return undefined;
  if (!(day <= (DAYS[month - 1] as number) || (month === 2 && day === 29 && isLeap(year)))) return undefined;
  return (daysFromEpoch(year, month, day) * 24 + hour) * 3_600_000 + minute * 60_000 + second * 1000 + ms;
}

function hasUtcForm(text: string): boolean {
  return (
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    text.charCodeAt(10) === T &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    (text.length === 20 || text.charCodeAt(19) === DOT) &&
    text.charCodeAt(text.length - 1) === Z
  );
}

/** @returns NaN where something is no digit: every comparison with it fails */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Days since 1970-01-01 in the Gregorian calendar, by Howard Hinnant's `days_from_civil`: years that begin in March, eras of 400. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
