import type { Database } from 'better-sqlite3';
import type { RecordOutcome } from '../record.js';
import { Endings } from './endings.js';
import type { ExportForm } from './forms.js';
import { LineBytes } from './line-bytes.js';
import type { PackedRow, Span } from './packed-row.js';
import { inputJson, outputJson } from './payload-json.js';
import { Shared, type SharedForm } from './shared.js';
import { Times } from './times.js';

const of = (text: string): Buffer => Buffer.from(text);
const NULL = of('null');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const MEMBERS = {
  id: of('{"id":"'),
  seq: of('","seq":'),
  queue: of(',"queue":'),
  run: of(',"run":'),
  outcome: of(',"outcome":"'),
  noProblem: of('","problem":null'),
  clientRequestId: of(',"clientRequestId":'),
  noCache: of(',"cache":null'),
  input: of(',"input":'),
  output: of(',"output":'),
  end: of('}\n'),
};

/** What most records say of `traceId` and `clientRequestId`. */
const NO_MARKS = 'null,"clientRequestId":null';

/** What stands around members that records have in common: it is copied with them. */
const AROUND = {
  route: ['},', ',"status":'],
  caller: [',', ',"traceId":'],
  version: [`${NO_MARKS},`, ',"batch":'],
} as const;

const FORM: SharedForm<Buffer> = {
  part: (kind, named) => of(AROUND[kind].join(JSON.stringify(named).slice(1, -1))),
  mark: of,
};

/** Records as lines of JSON: the same members in the same order as `GET /v1/audit/requests/{id}` gives. */
export class NdjsonForm implements ExportForm {
  private readonly out = new LineBytes();
  private readonly shared: Shared<Buffer>;
  private readonly times = new Times(',"time":"', '","completedAt":"', '","latency":{"total":');
  private readonly endings = new Endings(this.out, (row) => this.ending(row));

  constructor(database: Database) {
    this.shared = new Shared(database, FORM);
  }

  get size(): number {
    return this.out.size;
  }

  need(callers: readonly number[]): void {
    this.shared.callers.need(callers);
  }

  /** The same where callers may have gone since the last call, and others have their ids. */
  needAnew(callers: readonly number[]): void {
    this.shared.callers.forget();
    this.shared.callers.need(callers);
  }

  add(row: PackedRow, outcomes: readonly RecordOutcome[] | undefined): void {
    const { out, shared } = this;
    const { rare } = row;
    out.put(MEMBERS.id);
    out.uuid(row.bytes, row.id);
    out.put(MEMBERS.seq);
    out.integer(row.seq);
    this.times.put(out, row.arrival, row.completed);
    this.latency(row);
    this.endings.put(row);
    out.put(shared.callers.get(row.caller));
    this.version(row);
    if (row.batch === null) out.put(NULL);
    else out.integer(row.batch);
    if (rare.cache === null) out.put(MEMBERS.noCache);
    else out.text(`,"cache":${JSON.stringify(rare.cache)}`);
    this.payloads(row);
    if (rare.truncated) out.text(`,"truncated":${JSON.stringify(rare.truncated)}`);
    if (rare.redacted) out.text(`,"redacted":${JSON.stringify(rare.redacted)}`);
    if (rare.lost !== null) out.text(`,"lost":${rare.lost}`);
    if (outcomes) out.text(`,"outcomes":${JSON.stringify(outcomes)}`);
    out.put(MEMBERS.end);
  }

  end(): void {
    // A file of lines ends with its last.
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.out.take();
  }

  private ending(row: PackedRow): void {
    const { out } = this;
    const { rare, bytes, route, status, outcome } = row;
    out.put(this.shared.route(route, rare.path));
    out.integer(status);
    out.put(MEMBERS.outcome);
    out.copy(bytes, outcome.from, outcome.to);
    if (rare.problem === null) out.put(MEMBERS.noProblem);
    else out.text(`","problem":${JSON.stringify(rare.problem)}`);
  }

  /** The marks of a request, which few have, and the version that answered it. */
  private version(row: PackedRow): void {
    const { out } = this;
    const { model, version, traceId, clientRequestId } = row;
    const part = this.shared.version(model, version);
    if (traceId.none && clientRequestId.none) return out.put(part);
    this.span(row, traceId);
    out.put(MEMBERS.clientRequestId);
    this.span(row, clientRequestId);
    out.copy(part, NO_MARKS.length, part.length);
  }

  private latency({ totalUs, queueUs, runUs }: PackedRow): void {
    const { out } = this;
    out.milliseconds(totalUs);
    out.put(MEMBERS.queue);
    if (queueUs === null) out.put(NULL);
    else out.milliseconds(queueUs);
    out.put(MEMBERS.run);
    if (runUs === null) out.put(NULL);
    else out.milliseconds(runUs);
  }

  private payloads(row: PackedRow): void {
    const { out } = this;
    const { bytes, input, output } = row;
    const whole = row.rare.truncated === null;
    if (!input.none) {
      out.put(MEMBERS.input);
      const columns = row.columns === null ? null : this.shared.columns.get(row.columns);
      const plain =
        whole &&
        (columns
          ? out.values(bytes, input.from, input.to, columns.marks, false)
          : out.copyLine(bytes, input.from, input.to));
      if (!plain) out.text(inputJson(row, columns) as string);
    }
    if (output.none) return;
    out.put(MEMBERS.output);
    if (!(whole && out.copyLine(bytes, output.from, output.to))) out.text(outputJson(row) as string);
  }

  /** A text, or null, as JSON. */
  private span(row: PackedRow, span: Span): void {
    const { out } = this;
    if (span.none) return out.put(NULL);
    if (!needsNoEscape(row.bytes, span)) return out.text(JSON.stringify(row.text(span)));
    out.byte(QUOTE);
    out.copy(row.bytes, span.from, span.to);
    out.byte(QUOTE);
  }
}

function needsNoEscape(bytes: Buffer, { from, to }: Span): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte < SPACE || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}
