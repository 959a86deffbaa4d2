import { OrielError } from '../../errors.js';
import { isNestedDeeper } from '../../json-depth.js';
import { CsvColumns } from '../csv/columns.js';
import { emptyCsv, parseCsv, type CsvField } from '../csv/csv.js';
import type { Feature } from '../features.js';
import { invalidInput } from '../row-encoder.js';
import { LineCutter, type Line } from './lines.js';

/** One record of a bulk body: a row, not yet checked, or why there is none. */
export interface BulkRecord {
  /** Number of the line that it begins on. */
  line: number;
  row?: unknown;
  error?: OrielError;
}

/** Reads a body of records that comes in pieces. @throws OrielError where no record can be read at all */
export interface RecordReader {
  push(text: string): BulkRecord[];
  end(): BulkRecord[];
}

const BYTE_ORDER_MARK = '\uFEFF';

/** One JSON value a line (https://github.com/ndjson/ndjson-spec); blank lines are skipped. */
export class NdjsonReader implements RecordReader {
  private readonly lines: LineCutter;

  /** @param limit most characters of a line @param depth deepest nesting of one */
  constructor(
    private readonly limit: number,
    private readonly depth: number,
  ) {
    this.lines = new LineCutter(limit);
  }

  push(text: string): BulkRecord[] {
    return this.records(this.lines.push(text));
  }

  end(): BulkRecord[] {
    return this.records(this.lines.end());
  }

  private records(lines: readonly Line[]): BulkRecord[] {
    const records: BulkRecord[] = [];
    for (const { number, text } of lines) {
      if (text === null) records.push({ line: number, error: tooLong(number, this.limit) });
      else if (text.trim() !== '')
        records.push(recordOf(number, number === 1 ? withoutMark(text) : text, this.depth));
    }
    return records;
  }
}

function recordOf(line: number, text: string, depth: number): BulkRecord {
  if (isNestedDeeper(text, depth)) return { line, error: tooDeep(line, depth) };
  try {
    return { line, row: JSON.parse(text) as unknown };
  } catch {
    return { line, error: new OrielError('malformed', 'malformed-json', `Line ${line} is not valid JSON.`) };
  }
}

/** CSV (RFC 4180) whose first record names the features. A quoted field may go over several lines. */
export class CsvReader implements RecordReader {
  private readonly lines: LineCutter;
  private columns: CsvColumns | undefined;
  /** Lines of a record in which a quote is still open, and how many characters they have. */
  private open: { number: number; parts: string[]; length: number } | undefined;

  constructor(
    private readonly features: readonly Feature[],
    private readonly limit: number,
  ) {
    this.lines = new LineCutter(limit);
  }

  push(text: string): BulkRecord[] {
    return this.records(this.lines.push(text));
  }

  end(): BulkRecord[] {
    const records = this.records(this.lines.end());
    if (this.open) records.push(...this.read(this.open.number, this.open.parts.join('\n')));
    if (!this.columns) throw emptyCsv();
    return records;
  }

  private records(lines: readonly Line[]): BulkRecord[] {
    const records: BulkRecord[] = [];
    for (const { number, text } of lines) {
      const before = this.open;
      const first = before?.number ?? number;
      const length = (before ? before.length + 1 : 0) + (text?.length ?? 0);
      if (text === null || length > this.limit) {
        this.open = undefined;
        records.push({ line: first, error: tooLong(first, this.limit) });
      } else if (leavesOpen(number === 1 ? withoutMark(text) : text, before !== undefined)) {
        // Each line is looked at once, however many a record has.
        const parts = before?.parts ?? [];
        parts.push(text);
        this.open = { number: first, parts, length };
      } else {
        this.open = undefined;
        records.push(...this.read(first, before ? [...before.parts, text].join('\n') : text));
      }
    }
    return records;
  }

  private read(line: number, text: string): BulkRecord[] {
    try {
      const fields = fieldsOf(line === 1 ? withoutMark(text) : text, line);
      if (!fields) return [];
      if (this.columns) return [this.record(this.columns, line, fields)];
      this.columns = new CsvColumns(fields, this.features);
    } catch (error) {
      if (this.columns) return [{ line, error: error as OrielError }];
      throw error;
    }
    if (this.columns.faults.length > 0) throw invalidInput(this.columns.faults);
    return [];
  }

  private record(columns: CsvColumns, line: number, fields: readonly CsvField[]): BulkRecord {
    const row = columns.row(fields);
    return typeof row === 'string'
      ? { line, error: invalidInput([{ pointer: '', detail: row }]) }
      : { line, row };
  }
}

/** The fields of one record; undefined for a blank line. @throws OrielError `malformed-csv` */
function fieldsOf(text: string, line: number): readonly CsvField[] | undefined {
  const plain = text.endsWith('\r') ? text.slice(0, -1) : text; // the first half of the line end that was cut off
  if (plain === '') return undefined;
  if (plain.includes('"') || plain.includes('\r')) return parseCsv(plain, line)[0];
  const fields: CsvField[] = plain.split(',');
  for (let i = 0; i < fields.length; i++) if (fields[i] === '') fields[i] = null;
  return fields;
}

/**
 * Whether a line leaves a field open that its next line goes on with: one that began with a quote (RFC 4180, section 2.5), and whose
 * closing quote is not there. A quote anywhere else opens nothing: it is a fault of its line alone.
 * @param open whether the line before it left one open
 */
export function leavesOpen(text: string, open: boolean): boolean {
  let at = 0;
  let inside = open;
  for (;;) {
    if (inside || text[at] === '"') {
      const close = text.indexOf('"', inside ? at : at + 1);
      if (close < 0) return true;
      inside = text[close + 1] === '"'; // which stands for one within the field
      at = close + (inside ? 2 : 1);
      if (inside) continue;
    }
    const comma = text.indexOf(',', at);
    if (comma < 0) return false;
    at = comma + 1;
  }
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function tooDeep(line: number, depth: number): OrielError {
  const detail = `Line ${line} is nested more than ${depth} deep (ORIEL_JSON_DEPTH).`;
  return new OrielError('malformed', 'json-too-deep', detail);
}

function tooLong(line: number, limit: number): OrielError {
  const detail = `Line ${line} is longer than ${limit} characters (ORIEL_LINE_LIMIT).`;
  return new OrielError('tooLarge', 'line-too-long', detail);
}
