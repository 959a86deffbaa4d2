import { OrielError } from '../../errors.js';

/** A field of a CSV; null where it is empty and not quoted, so that nothing is not the empty text. */
export type CsvField = string | null;

const QUOTE = '"';

/**
 * Reads RFC 4180: records on lines that end with CRLF or LF, fields with commas between them, quoted where they hold commas,
 * quotes (doubled) or line ends. Blank lines are skipped, and a byte order mark.
 * @param firstLine number of the line that the text begins with @throws OrielError `malformed-csv` with the line
 */
export function parseCsv(text: string, firstLine = 1): CsvField[][] {
  const records: CsvField[][] = [];
  let record: CsvField[] = [];
  let line = firstLine;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const quoted = text[at] === QUOTE;
    const field = quoted ? readQuoted(text, at, line) : readPlain(text, at, line);
    record.push(field.value);
    line += field.lines;
    at = field.end;
    if (text[at] === ',') {
      at++;
      // A comma at the very end begins one more field, an empty one.
      if (at === text.length) record.push(null);
      continue;
    }
    if (record.length > 1 || quoted || record[0] !== null) records.push(record);
    record = [];
    at += text[at] === '\r' ? 2 : 1;
    line++;
  }
  if (record.length > 0) records.push(record);
  return records;
}

interface ReadField {
  value: CsvField;
  /** Index of the comma or line end after it, or the length of the text. */
  end: number;
  /** Line ends inside it. */
  lines: number;
}

const PLAIN = /[^,"\r\n]*/y;

function readPlain(text: string, from: number, line: number): ReadField {
  PLAIN.lastIndex = from;
  const value = PLAIN.exec(text)?.[0] ?? '';
  const end = from + value.length;
  if (text[end] === QUOTE)
    throw malformed(line, 'a quote stands inside a field that does not begin with one');
  checkEnd(text, end, line);
  return { value: value === '' ? null : value, end, lines: 0 };
}

function readQuoted(text: string, from: number, line: number): ReadField {
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote < 0) throw malformed(line, 'a quote is never closed');
    at = quote + 1;
    if (text[at] !== QUOTE) break;
    at++;
  }
  const raw = text.slice(from + 1, at - 1);
  const lines = raw.split('\n').length - 1;
  if (at < text.length && !',\r\n'.includes(text[at] as string)) {
    throw malformed(line + lines, 'after a closing quote there must be a comma or the end of the line');
  }
  checkEnd(text, at, line + lines);
  return { value: raw.replaceAll('""', QUOTE), end: at, lines };
}

function checkEnd(text: string, end: number, line: number): void {
  if (text[end] === '\r' && text[end + 1] !== '\n')
    throw malformed(line, 'a carriage return stands without its line feed');
}

function malformed(line: number, detail: string): OrielError {
  return new OrielError(
    'malformed',
    'malformed-csv',
    `The body is not valid CSV: on line ${line} ${detail}.`,
  );
}

/** One field as RFC 4180 writes it: quoted where it must be; the empty text is quoted, nothing is not. */
export function writeField(value: CsvField): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? QUOTE + value.replaceAll(QUOTE, '""') + QUOTE : value;
}

/** The refusal of a CSV that has not even a header. */
export function emptyCsv(): OrielError {
  const detail = 'The body is empty; it must begin with the names of the features.';
  return new OrielError('malformed', 'empty-body', detail);
}
