import type { LineBytes } from './line-bytes.js';

const MINUTE = 60_000;
const ZERO = 0x30;
/** Characters of a time such as `2026-01-31T12:00:59.999Z`, and the places of what a minute has many of, the last first. */
const ISO = 24;
const SECOND_DIGITS = [22, 21, 20, 18, 17] as const;

/**
 * Two times and what stands around them, which are copied together. Times mostly follow one another: what is the same for a minute is
 * made once.
 */
export class Times {
  private readonly bytes: Buffer;
  private readonly places: readonly [number, number];
  private readonly minutes: [number, number] = [Number.NaN, Number.NaN];

  constructor(before: string, between: string, after: string) {
    const blank = ' '.repeat(ISO);
    this.bytes = Buffer.from(before + blank + between + blank + after);
    this.places = [before.length, before.length + ISO + between.length];
  }

  /** @param first epoch milliseconds of the years 0 to 9999, as `second` */
  put(out: LineBytes, first: number, second: number): void {
    this.set(0, first);
    this.set(1, second);
    out.put(this.bytes);
  }

  private set(which: 0 | 1, ms: number): void {
    const { bytes, minutes } = this;
    const place = this.places[which];
    const begin = Math.floor(ms / MINUTE) * MINUTE;
    if (begin !== minutes[which]) {
      bytes.write(new Date(begin).toISOString(), place, 'latin1');
      minutes[which] = begin;
    }
    let rest = ms - begin;
    for (const digit of SECOND_DIGITS) {
      const tenth = (rest / 10) | 0;
      bytes[place + digit] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
  }
}
