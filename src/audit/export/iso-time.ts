const MINUTE = 60_000;

let minute = Number.NaN;
let prefix = '';

/** As `new Date(ms).toISOString()`, for times that mostly follow one another: what is the same for a minute is made once. */
export function isoTime(ms: number): string {
  const begin = Math.floor(ms / MINUTE) * MINUTE;
  if (begin !== minute) {
    prefix = new Date(begin).toISOString().slice(0, -7); // without `00.000Z`
    minute = begin;
  }
  const rest = ms - begin;
  const seconds = Math.floor(rest / 1000);
  const milliseconds = rest - seconds * 1000;
  return `${prefix}${seconds < 10 ? '0' : ''}${seconds}.${milliseconds < 100 ? (milliseconds < 10 ? '00' : '0') : ''}${milliseconds}Z`;
}
