import type { CalendarUnit, CalendarWindow } from './definition.js';
import type { Grid, Slicing } from './grid.js';
import { dateOfDay, dayOfDate } from './local-date.js';
import { LocalTime } from './local-time.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** Most periods that are remembered; beyond it all are worked out anew. */
const REMEMBERED = 4096;

interface Period {
  start: number;
  end: number;
}

/**
 * Calendar periods in a time zone: `count` units from the anchor, before it too. They begin at local times, each at the first instant
 * whose local time is at or after it; so a period over a change of the clock is shorter or longer, and one that the clock leaps
 * over does not exist. Hours are counted from local midnight.
 */
export class CalendarGrid implements Grid, Slicing {
  private readonly local: LocalTime;
  private readonly anchor: number;
  private readonly unit: CalendarUnit;
  private readonly count: number;
  private last: Period = { start: 0, end: 0 };
  /** By the number of the local day, or that of the period. */
  private readonly instants = new Map<number, number>();

  constructor({ unit, count, anchor, timeZone }: CalendarWindow) {
    this.local = new LocalTime(timeZone);
    const [year, month, day] = anchor.split('-').map(Number) as [number, number, number];
    this.anchor = dayOfDate(year, month, day);
    this.unit = unit;
    this.count = count;
  }

  endAfter(time: number): number {
    return this.periodOf(time).end;
  }

  startOf(end: number): number {
    return this.periodOf(end - 1).start;
  }

  lastEnd(time: number): number {
    return this.periodOf(time).end;
  }

  sliceOf(time: number): number {
    return this.periodOf(time).start;
  }

  private periodOf(time: number): Period {
    const { last } = this;
    if (time >= last.start && time < last.end) return last;
    let index = this.indexOf(this.local.at(time));
    // Near a change of the clock the local time may be that of a period which has not begun yet, or is over.
    while (this.startOfPeriod(index) > time) index--;
    while (this.startOfPeriod(index + 1) <= time) index++;
    return (this.last = { start: this.startOfPeriod(index), end: this.startOfPeriod(index + 1) });
  }

  /** The instant at which period `index` begins. */
  private startOfPeriod(index: number): number {
    const known = this.instants.get(index);
    if (known !== undefined) return known;
    if (this.instants.size >= REMEMBERED) this.instants.clear();
    const instant = this.local.firstInstant(this.localStart(index));
    this.instants.set(index, instant);
    return instant;
  }

  /** The number of the period that a local time (as milliseconds, as if it were UTC) is in. */
  private indexOf(local: number): number {
    if (this.unit === 'hour') {
      const day = Math.floor(local / DAY);
      return day * (24 / this.count) + Math.floor((local - day * DAY) / HOUR / this.count);
    }
    const day = Math.floor(local / DAY);
    if (this.unit === 'day') return Math.floor((day - this.anchor) / this.count);
    if (this.unit === 'week') return Math.floor((day - this.anchor) / (7 * this.count));
    const index = Math.floor((monthOf(day) - monthOf(this.anchor)) / this.months);
    return this.localStart(index) > local ? index - 1 : index; // the anchor's day of this month is still to come
  }

  /** The local time at which period `index` begins. */
  private localStart(index: number): number {
    if (this.unit === 'hour') {
      const perDay = 24 / this.count;
      const day = Math.floor(index / perDay);
      return day * DAY + (index - day * perDay) * this.count * HOUR;
    }
    if (this.unit === 'day') return (this.anchor + index * this.count) * DAY;
    if (this.unit === 'week') return (this.anchor + index * 7 * this.count) * DAY;
    const month = monthOf(this.anchor) + index * this.months;
    const year = Math.floor(month / 12);
    const { day } = dateOfDay(this.anchor);
    // The 31st of a month that has none is its last day.
    const lastDay = dayOfDate(year, month - year * 12 + 2, 1) - dayOfDate(year, month - year * 12 + 1, 1);
    return dayOfDate(year, month - year * 12 + 1, Math.min(day, lastDay)) * DAY;
  }

  private get months(): number {
    return this.count * (this.unit === 'year' ? 12 : 1);
  }
}

/** Months since year 0 of the month that a day is in. */
function monthOf(day: number): number {
  const { year, month } = dateOfDay(day);
  return year * 12 + month - 1;
}
