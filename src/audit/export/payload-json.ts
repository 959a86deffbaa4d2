import type { PackedRow, Span } from './packed-row.js';
import type { SharedColumns } from './shared.js';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/** The input of a record as JSON on one line; one that was cut is a string of its beginning. @param columns whose values it is */
export function inputJson(row: PackedRow, columns: SharedColumns | null): string | null {
  const text = row.text(row.input);
  const whole = text === null || columns === null ? text : columns.columns.join(text);
  return onOneLine(whole, row.rare.truncated?.includes('input') === true);
}

/** The same for its output. */
export function outputJson(row: PackedRow): string | null {
  return onOneLine(row.text(row.output), row.rare.truncated?.includes('output') === true);
}

function onOneLine(text: string | null, cut: boolean): string | null {
  if (text === null) return null;
  if (cut) return JSON.stringify(text);
  // A line feed in a JSON text stands between its parts, never in a string: there it would be escaped.
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}

/** Whether a payload is on the disk as it is to be written: whole, and on one line. */
export function isPlain({ rare, bytes }: PackedRow, { from, to }: Span): boolean {
  if (rare.truncated !== null) return false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === LINE_FEED || byte === RETURN) return false;
  }
  return true;
}
