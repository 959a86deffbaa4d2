import type { Database } from 'better-sqlite3';
import type { RecordOutcome } from '../record.js';
import { EXPORT_COLUMNS } from './columns.js';
import { csvCell } from './csv-cell.js';
import { Endings } from './endings.js';
import type { ExportForm } from './forms.js';
import { LineBytes } from './line-bytes.js';
import type { PackedRow, Span } from './packed-row.js';
import { inputJson, isPlain, outputJson } from './payload-json.js';
import { Shared, type SharedForm } from './shared.js';
import { Times } from './times.js';

const COMMA = 0x2c;
const QUOTE = 0x22;
const END = Buffer.from('\r\n');
/** Bytes that a cell must be quoted for, or that a spreadsheet takes for the beginning of a formula. */
const SPECIAL = new Set(Buffer.from('",\r\n=+-@\t'));

/** What is shared is cells with a comma after each. What stands around the values of an input is within quotes. */
const FORM: SharedForm<Buffer> = {
  part: (_, named) => Buffer.from(`${Object.values(named).map(csvCell).join(',')},`),
  mark: (text) => Buffer.from(text.replaceAll('"', '""')),
};

/** Records as lines of RFC 4180, with the cells of `EXPORT_COLUMNS`. */
export class CsvForm implements ExportForm {
  private readonly out = new LineBytes();
  private readonly shared: Shared<Buffer>;
  private readonly times = new Times(',', ',', ',');
  private readonly endings = new Endings(this.out, (row) => this.ending(row));

  constructor(database: Database) {
    this.shared = new Shared(database, FORM);
    this.out.text(`${EXPORT_COLUMNS.map(({ name }) => name).join(',')}\r\n`);
  }

  get size(): number {
    return this.out.size;
  }

  need(callers: readonly number[]): void {
    this.shared.callers.need(callers);
  }

  add(row: PackedRow, outcomes: readonly RecordOutcome[] | undefined): void {
    const { out, shared } = this;
    const { rare } = row;
    out.uuid(row.bytes, row.id);
    out.byte(COMMA);
    out.integer(row.seq);
    this.times.put(out, row.arrival, row.completed);
    this.milliseconds(row.totalUs);
    this.milliseconds(row.queueUs);
    this.milliseconds(row.runUs);
    this.endings.put(row);
    out.put(shared.callers.get(row.caller));
    this.span(row, row.traceId);
    this.span(row, row.clientRequestId);
    out.put(shared.version(row.model, row.version));
    if (row.batch !== null) out.integer(row.batch);
    out.byte(COMMA);
    this.text(rare.cache);
    this.input(row);
    if (isPlain(row, row.output)) this.span(row, row.output);
    else this.text(outputJson(row));
    this.text(rare.truncated && rare.truncated.join(' '));
    this.text(rare.redacted && rare.redacted.join(' '));
    if (rare.lost !== null) out.text(String(rare.lost));
    out.byte(COMMA);
    if (outcomes) out.text(csvCell(JSON.stringify(outcomes)));
    out.put(END);
  }

  end(): void {
    // A file of lines ends with its last.
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.out.take();
  }

  private ending({ route, status, outcome, bytes, rare }: PackedRow): void {
    const { out } = this;
    out.put(this.shared.route(route, rare.path));
    out.integer(status);
    out.byte(COMMA);
    out.copy(bytes, outcome.from, outcome.to);
    out.byte(COMMA);
    this.text(rare.problem);
  }

  private milliseconds(us: number | null): void {
    if (us !== null) this.out.milliseconds(us);
    this.out.byte(COMMA);
  }

  private text(text: string | null): void {
    if (text !== null) this.out.text(csvCell(text));
    this.out.byte(COMMA);
  }

  private input(row: PackedRow): void {
    const { out } = this;
    if (row.input.none || row.columns === null) {
      if (isPlain(row, row.input)) this.span(row, row.input);
      else this.text(inputJson(row, null));
      return;
    }
    const columns = this.shared.columns.get(row.columns);
    // What begins with a brace and has quotes is no formula, and is quoted.
    const begun = out.size;
    out.byte(QUOTE);
    if (
      row.rare.truncated === null &&
      out.values(row.bytes, row.input.from, row.input.to, columns.marks, true)
    ) {
      out.byte(QUOTE);
      out.byte(COMMA);
    } else {
      out.backTo(begun);
      this.text(inputJson(row, columns));
    }
  }

  /** A text, or null, as a cell: as `csvCell` has it. */
  private span(row: PackedRow, { from, to, none }: Span): void {
    const { out } = this;
    const { bytes } = row;
    const first = bytes[from] as number;
    if (!none && (from === to || (SPECIAL.has(first) && first !== QUOTE)))
      out.text(csvCell(bytes.toString('utf8', from, to)));
    else if (!none && isQuoted(bytes, from, to)) {
      out.byte(QUOTE);
      out.copyDoubled(bytes, from, to);
      out.byte(QUOTE);
    } else if (!none) out.copy(bytes, from, to);
    out.byte(COMMA);
  }
}

function isQuoted(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE || byte === COMMA || byte === 0x0d || byte === 0x0a) return true;
  }
  return false;
}
