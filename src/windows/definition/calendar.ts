import type { CalendarUnit } from '../engine/definition.js';
import type { Read } from './members.js';

export const CALENDAR_UNITS: readonly CalendarUnit[] = ['hour', 'day', 'week', 'month', 'year'];

/** The date from which units are counted where none is given: the epoch's, and for weeks its first Monday (ISO 8601). */
export function defaultAnchor(unit: CalendarUnit): string {
  return unit === 'week' ? '1970-01-05' : '1970-01-01';
}

/** A date of the years 0000 to 9999 that exists. */
export const localDate: Read<string> = (value, pointer, faults) => {
  const form = 'must be a local date that exists, such as 2026-01-31';
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return faults.add(pointer, form);
  const date = new Date(`${value}T00:00:00Z`);
  // A day beyond its month's last is either not read, or read as one of the next month.
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
  return exists ? value : faults.add(pointer, form);
};

/** A name of the IANA time zone database that this runtime knows; in the database's spelling where only its case was another. */
export const timeZone: Read<string> = (value, pointer, faults) => {
  const form = 'must be the IANA name of a time zone, such as Europe/Warsaw';
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return faults.add(pointer, form);
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
    return known.toLowerCase() === value.toLowerCase() ? known : value;
  } catch {
    return faults.add(pointer, form);
  }
};
