const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const BYTE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/**
 * Reads a duration: whole milliseconds (`250`, `"250"`) or parts in falling units (`250ms`, `10s`, `1h30m`, `7d`).
 * @returns milliseconds, or undefined when it is not one
 */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (/^\d+$/.test(value)) return parseDuration(Number(value));
  if (!/^(\d+d)?(\d+h)?(\d+m(?!s))?(\d+s)?(\d+ms)?$/.test(value) || value === '') return undefined;
  let total = 0;
  for (const [, digits, unit] of value.matchAll(/(\d+)(ms|[dhms])/g)) {
    total += Number(digits) * (DURATION_UNITS[unit as string] as number);
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

/** Writes milliseconds the way `parseDuration` reads them: `90000` → `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0ms';
  let rest = ms;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = DURATION_UNITS[unit] as number;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/**
 * Reads a size: whole bytes (`4096`) or a number of KiB, MiB, GiB (`16MiB`, `16 MiB`).
 * @returns bytes, or undefined when it is not one
 */
export function parseBytes(value: string): number | undefined {
  const match = /^(\d+)\s*(B|KiB|MiB|GiB)?$/.exec(value);
  if (!match) return undefined;
  const bytes = Number(match[1]) * (BYTE_UNITS[match[2] ?? 'B'] as number);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** The times that RFC 3339 can write, which has four digits for the year: epoch milliseconds of the first and the last. */
export const FIRST_TIME = -62_167_219_200_000;
export const LAST_TIME = 253_402_300_799_999;

/**
 * Reads a time of the years 0 to 9999: RFC 3339 with any offset, or whole epoch milliseconds (of any sign). Finer than a millisecond is cut off.
 * @returns epoch milliseconds, or undefined when it is not a time (the 30th of February neither)
 */
export function parseTime(value: string | number): number | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= FIRST_TIME && value <= LAST_TIME ? value : undefined;
  if (/^-?\d+$/.test(value)) return parseTime(Number(value));
  const match = RFC_3339.exec(value);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', offset = 'Z'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const lastDay = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > lastDay) return undefined;
  const zone = offset.toUpperCase();
  if (zone !== 'Z' && (Number(zone.slice(1, 3)) > 23 || Number(zone.slice(4)) > 59)) return undefined;
  const parsed = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(1, 4).padEnd(3, '0')}${zone}`,
  );
  return parseTime(parsed); // an offset may lead out of the years
}
