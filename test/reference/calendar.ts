/** Calendar windows by brute force: clocks are asked of `Intl`, instants are searched. */
import type { CalendarWindow } from '../../src/windows/engine/definition.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', hourCycle: 'h23', year: 'numeric' },
      ...{ month: two, day: two, hour: two, minute: two, second: two },
    });
    formats.set(timeZone, format);
  }
  return format;
}

const shownAt = new Map<string, number>();

/** What a clock on the wall shows at an instant, as the epoch milliseconds at which a clock in UTC shows it. */
export function wallClock(timeZone: string, instant: number): number {
  const memo = `${timeZone} ${instant}`;
  let shown = shownAt.get(memo);
  if (shown === undefined) {
    shown = read(timeZone, instant);
    shownAt.set(memo, shown);
  }
  return shown;
}

function read(timeZone: string, instant: number): number {
  const second = Math.floor(instant / 1000) * 1000;
  const shown: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(second)) shown[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second: s = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, s) + (instant - second);
}

const firsts = new Map<string, number>();

/** The first instant at which the wall clock shows `shown` or more, looked for within two days. */
export function firstInstant(timeZone: string, shown: number): number {
  const memo = `${timeZone} ${shown}`;
  let first = firsts.get(memo);
  if (first === undefined) {
    first = search(timeZone, shown);
    firsts.set(memo, first);
  }
  return first;
}

function search(timeZone: string, shown: number): number {
  let before = shown - 2 * DAY; // no clock is more than a day off, so it shows less
  for (let at = before + HOUR; ; at += HOUR) {
    // Within an hour the clock goes on evenly but for at most one jump: its first instant is found by halving on either side.
    const jump = jumpWithin(timeZone, before, at);
    for (const [low, high] of [
      [before, jump - 1],
      [jump, at],
    ] as const)
      if (low <= high && wallClock(timeZone, high) >= shown) return halve(timeZone, shown, low, high);
    before = at;
  }
}

/** The first instant in `(low, high]` at which the clock's offset is the one at `high`. */
function jumpWithin(timeZone: string, low: number, high: number): number {
  const offset = (at: number): number => wallClock(timeZone, at) - at;
  const last = offset(high);
  if (offset(low) === last) return low;
  let [before, after] = [low, high];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offset(middle) === last) after = middle;
    else before = middle;
  }
  return after;
}

/** The first instant in `[low, high]` with the clock at `shown` or more, where it goes on evenly. */
function halve(timeZone: string, shown: number, low: number, high: number): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (wallClock(timeZone, middle) >= shown) to = middle;
    else from = middle + 1;
  }
  return to;
}

/** The window that holds `time`. */
export function calendarWindow(definition: CalendarWindow, time: number): { start: number; end: number } {
  const shown = wallClock(definition.timeZone, time);
  const boundaries = [...new Set(boundariesAround(definition, shown))]
    .map((local) => firstInstant(definition.timeZone, local))
    .sort((a, b) => a - b);
  const start = boundaries.findLast((one) => one <= time);
  const end = boundaries.find((one) => one > time);
  if (start === undefined || end === undefined) throw new Error('no boundary on one side');
  return { start, end };
}

/** Wall-clock times of boundaries, at least two on either side of `shown`. */
function boundariesAround({ unit, count, anchor }: CalendarWindow, shown: number): number[] {
  const [year = 0, month = 0, day = 0] = anchor.split('-').map(Number);
  const anchored = Date.UTC(year, month - 1, day);
  if (unit === 'hour') {
    const midnight = Math.floor(shown / DAY) * DAY;
    return range(-1, 2).flatMap((days) =>
      range(0, 24 / count - 1).map((k) => midnight + days * DAY + k * count * HOUR),
    );
  }
  if (unit === 'day' || unit === 'week') {
    const length = count * DAY * (unit === 'week' ? 7 : 1);
    const near = Math.floor((shown - anchored) / length);
    return range(near - 3, near + 3).map((k) => anchored + k * length);
  }
  const months = count * (unit === 'year' ? 12 : 1);
  const now = new Date(shown);
  const near = Math.floor(((now.getUTCFullYear() - year) * 12 + now.getUTCMonth() - (month - 1)) / months);
  return range(near - 3, near + 3).map((k) => {
    const index = month - 1 + k * months;
    const lastDay = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
    return Date.UTC(year, index, Math.min(day, lastDay));
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
