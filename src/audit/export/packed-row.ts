/**
 * Fetching records column by column costs ten times what SQLite needs to read them, so an export has SQLite join the columns of many
 * records into one run of bytes, and takes it apart here. A row is its numbers in decimal digits and the lengths of its texts in
 * bytes, each with a comma after it (nothing before the comma stands for null), the 32 hexadecimal digits of its id, its texts, and
 * what few have.
 */
const NUMBERS = [
  'r.seq', 'r.status', 'r.total_us', 'r.queue_us', 'r.run_us', 'r.batch', 'r.route_id', 'r.caller_id', 'r.model_id', 'r.version_id',
  'payload.columns_id',
]; // prettier-ignore

/** What few records have is one JSON array, so that it costs most of them next to nothing; a line feed ends it. */
const RARE = 'r.path, r.problem, r.cache, r.lost, payload.truncated, payload.redacted';
const TEXTS = [
  'r.outcome', 'r.trace_id', 'r.client_request_id', 'payload.input', 'payload.output',
]; // prettier-ignore
const ID_DIGITS = 32;

/** A row of `audit_requests r` and `audit_payloads payload`, as an expression of SQL. */
export const PACKED = `concat(
  ${[...NUMBERS, ...TEXTS.map((text) => `octet_length(${text})`)].join(`, ',', `)}, ',', hex(r.id), ${TEXTS.join(', ')},
  CASE WHEN coalesce(${RARE}) IS NOT NULL THEN json_array(${RARE}) END, char(10))`;

/** Where a text is among the bytes of a row: UTF-8, the end exclusive. */
export class Span {
  from = 0;
  /** Below `from` where there is no text. */
  to = -1;

  get none(): boolean {
    return this.to < this.from;
  }
}

export interface Rare {
  path: string | null;
  problem: string | null;
  cache: string | null;
  lost: number | null;
  truncated: readonly string[] | null;
  redacted: readonly string[] | null;
}

const NO_RARE: Rare = { path: null, problem: null, cache: null, lost: null, truncated: null, redacted: null };
const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;

/** One of many rows that were packed one after another, and then the next. Numbers are as they are in the database. */
export class PackedRow {
  seq = 0;
  status = 0;
  /** Whole microseconds. */
  totalUs = 0;
  queueUs: number | null = null;
  runUs: number | null = null;
  batch: number | null = null;
  route = 0;
  caller = 0;
  model: number | null = null;
  version: number | null = null;
  columns: number | null = null;
  /** Where the digits of the id begin; they are of either case. */
  id = 0;
  readonly outcome = new Span();
  readonly traceId = new Span();
  readonly clientRequestId = new Span();
  /** JSON texts; of one that was cut, its beginning. With `columns` the input is only its values. */
  readonly input = new Span();
  readonly output = new Span();
  rare: Rare = NO_RARE;
  private at = 0;

  constructor(readonly bytes: Buffer) {}

  /** Goes to the first row, and then to the next. @returns false after the last @throws Error where the bytes are no row */
  next(): boolean {
    if (this.at === this.bytes.length) return false;
    this.seq = this.needed();
    this.status = this.needed();
    this.totalUs = this.needed();
    this.queueUs = this.number();
    this.runUs = this.number();
    this.batch = this.number();
    this.route = this.needed();
    this.caller = this.needed();
    this.model = this.number();
    this.version = this.number();
    this.columns = this.number();
    this.readTexts();
    return true;
  }

  /** @returns null for none */
  text({ from, to }: Span): string | null {
    return to < from ? null : this.bytes.toString('utf8', from, to);
  }

  /** Arrival in epoch milliseconds: the first 48 bits of the id. */
  get arrival(): number {
    return this.hex(this.id, 6) * 2 ** 24 + this.hex(this.id + 6, 6);
  }

  /** When it was answered, in epoch milliseconds. */
  get completed(): number {
    return this.arrival + Math.round(this.totalUs / 1000);
  }

  private readTexts(): void {
    const { outcome, traceId, clientRequestId, input, output } = this;
    // First the lengths, in place of the ends.
    outcome.to = this.length();
    traceId.to = this.length();
    clientRequestId.to = this.length();
    input.to = this.length();
    output.to = this.length();
    this.id = this.at;
    let at = this.at + ID_DIGITS;
    at = place(outcome, at);
    at = place(traceId, at);
    at = place(clientRequestId, at);
    at = place(input, at);
    at = place(output, at);
    const end = this.bytes[at] === LINE_FEED ? at : this.bytes.indexOf(LINE_FEED, at);
    if (end < 0 || at > this.bytes.length) throw damaged();
    this.rare = end === at ? NO_RARE : readRare(this.bytes.toString('utf8', at, end));
    this.at = end + 1;
  }

  private number(): number | null {
    const { bytes } = this;
    let at = this.at;
    let byte = bytes[at++] as number;
    if (byte === COMMA) {
      this.at = at;
      return null;
    }
    const below = byte === MINUS;
    if (below) byte = bytes[at++] as number;
    let value = 0;
    while (byte !== COMMA) {
      const digit = byte - ZERO;
      if (!(digit >= 0 && digit <= 9)) throw damaged();
      value = value * 10 + digit;
      byte = bytes[at++] as number;
    }
    this.at = at;
    return below ? -value : value;
  }

  private needed(): number {
    const value = this.number();
    if (value === null) throw damaged();
    return value;
  }

  private length(): number {
    return this.number() ?? -1;
  }

  private hex(from: number, digits: number): number {
    let value = 0;
    for (let at = from; at < from + digits; at++) {
      const byte = this.bytes[at] as number;
      value = value * 16 + (byte <= 0x39 ? byte - ZERO : (byte | 0x20) - 0x57);
    }
    return value;
  }
}

/** Puts a span, of which the length is known, at a place. @returns where the next begins */
function place(span: Span, at: number): number {
  const length = span.to;
  span.from = at;
  span.to = at + length;
  return length < 0 ? at : span.to;
}

function readRare(text: string): Rare {
  const [path, problem, cache, lost, truncated, redacted] = JSON.parse(text) as [
    string | null, string | null, string | null, number | null, string | null, string | null,
  ]; // prettier-ignore
  return {
    path, problem, cache, lost, truncated: truncated?.split(',') ?? null, redacted: redacted?.split(',') ?? null,
  }; // prettier-ignore
}

function damaged(): Error {
  return new Error('a record on the disk is not as it was written: its columns are of other types');
}
