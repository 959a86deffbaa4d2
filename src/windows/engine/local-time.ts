const HOUR = 3_600_000;
/** No zone is, or was, further from UTC; and none has changed its clock twice within such a time. */
const FARTHEST = 26 * HOUR;
/** Most hours whose offset is remembered. */
const REMEMBERED = 10_000;

/**
 * The clock on the wall of a time zone, by the time zone data of the runtime (IANA, through `Intl`). A local time is written as
 * milliseconds, as if it were UTC.
 */
export class LocalTime {
  private readonly format: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number>();

  /** @throws RangeError when there is no such time zone */
  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** The local time at an instant. */
  at(instant: number): number {
    return instant + this.offsetAt(instant);
  }

  /** The first instant whose local time is at or after `local`: where the clock shows it twice, the first of the two. */
  firstInstant(local: number): number {
    // Local time at `low` is before `local`, and at `high` it is not; between them the clock changes at most once.
    let low = local - FARTHEST;
    let high = local + FARTHEST;
    const before = local - this.offsetAt(low);
    if (before > low && before <= high && this.at(before) >= local && this.at(before - 1) < local)
      return before;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle) >= local) high = middle;
      else low = middle;
    }
    return high;
  }

  private offsetAt(instant: number): number {
    const second = Math.floor(instant / 1000) * 1000;
    const known = this.offsets.get(second);
    if (known !== undefined) return known;
    if (this.offsets.size >= REMEMBERED) this.offsets.clear();
    const offset = this.readOffset(second);
    this.offsets.set(second, offset);
    return offset;
  }

  private readOffset(second: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.format.formatToParts(second)) parts[type] = value;
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
    const date = new Date(0);
    date.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
    date.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
    return date.getTime() - second;
  }
}
