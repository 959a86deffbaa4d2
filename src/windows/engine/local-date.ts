const DAY = 86_400_000;

export interface LocalDate {
  year: number;
  /** From 1. */
  month: number;
  day: number;
}

/** The number of a day, counted from 1970-01-01, in the Gregorian calendar before its time too. Month 13 is January of the next year. */
export function dayOfDate(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC takes years below 100 for those of the last century
  return Math.floor(date.getTime() / DAY);
}

export function dateOfDay(number: number): LocalDate {
  const date = new Date(number * DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
