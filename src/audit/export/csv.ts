import { EXPORT_COLUMNS, type Cell } from './columns.js';
import type { ExportedRecord } from './exported.js';

/** What a spreadsheet takes for the begin of a formula, and is not only a number: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

export function csvHead(): string {
  return `${EXPORT_COLUMNS.map(({ name }) => name).join(',')}\r\n`;
}

/** A record as one line of RFC 4180; what is null is an empty cell, and a text that a spreadsheet would run is led by an apostrophe. */
export function csvLine(record: ExportedRecord): string {
  let line = '';
  for (let i = 0; i < EXPORT_COLUMNS.length; i++) {
    const cell = cellOf((EXPORT_COLUMNS[i] as (typeof EXPORT_COLUMNS)[number]).of(record));
    line += i === 0 ? cell : `,${cell}`;
  }
  return `${line}\r\n`;
}

function cellOf(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value.toISOString();
  const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe === '' ? `"${safe.replaceAll('"', '""')}"` : safe;
}
