import type { Database, Statement } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { rawConnection } from '../../database/open.js';
import type { RecordFilter } from '../audit-queries.js';
import { firstIdAt } from '../id.js';
import { conditionsOf, joinsFor, type Conditions } from '../record-conditions.js';
import type { RecordRange } from '../record-range.js';
import { Shared } from './shared.js';

/** `seq`s that one statement looks at: no read transaction is longer, so an export never holds the write-ahead log back. */
const STEP = 2000;

/** One record as it is on the disk, with what it shares with others beside it. */
export type ScannedRow = readonly [
  seq: number,
  /** 32 hexadecimal digits. */
  id: string,
  status: number,
  outcome: string,
  totalUs: number,
  queueUs: number | null,
  runUs: number | null,
  batch: number | null,
  traceId: string | null,
  clientRequestId: string | null,
  route: number,
  caller: number,
  model: number | null,
  version: number | null,
  columns: number | null,
  input: string | null,
  output: string | null,
  /** `Rare` as a JSON array; null where all of it is. */
  rare: string | null,
];

/** What few records have: it is read apart, since most of an export's time goes into fetching columns. */
export type Rare = readonly [
  path: string | null,
  problem: string | null,
  cache: string | null,
  lost: number | null,
  truncated: string | null,
  redacted: string | null,
];

const RARE = 'r.path, r.problem, r.cache, r.lost, payload.truncated, payload.redacted';
const SELECTED = `r.seq, lower(hex(r.id)), r.status, r.outcome, r.total_us, r.queue_us, r.run_us, r.batch, r.trace_id,
  r.client_request_id, r.route_id, r.caller_id, r.model_id, r.version_id, payload.columns_id, payload.input, payload.output,
  CASE WHEN coalesce(${RARE}) IS NOT NULL THEN json_array(${RARE}) END`;

/** What to scan. */
export interface ScanQuery extends RecordRange {
  filter: RecordFilter;
}

/** Reads records in the order of `seq`, as many as there were when it began, some at a time. */
export class RecordScan {
  readonly shared: Shared;
  private readonly statement: Statement | null;
  private readonly values: Record<string, unknown>;
  /** The next to look at, and the first that is none of it. */
  private at: number;
  private readonly end: number;

  constructor(source: DataSource, { filter, from, to }: ScanQuery) {
    const database = rawConnection(source);
    this.shared = new Shared(database);
    const times = { ...(from && 'time' in from ? { from: from.time } : {}), ...(to && 'time' in to ? { to: to.time } : {}) }; // prettier-ignore
    const conditions = conditionsOf(source, { ...filter, ...times });
    const [first, last] = seqsOf(database, times);
    this.at = from && 'seq' in from ? Math.max(first, from.seq) : first;
    this.end = to && 'seq' in to ? Math.min(last + 1, to.seq) : last + 1;
    this.values = conditions?.values ?? {};
    this.statement = conditions && database.prepare(sqlOf(conditions)).raw();
  }

  get done(): boolean {
    return this.statement === null || this.at >= this.end;
  }

  /** The next few that match; perhaps none, although it is not done. */
  next(): ScannedRow[] {
    if (!this.statement || this.done) return [];
    const upTo = Math.min(this.at + STEP, this.end);
    const rows = this.statement.all({ ...this.values, at: this.at, upTo }) as ScannedRow[];
    this.at = upTo;
    this.shared.callers.need(rows.map(([, , , , , , , , , , , caller]) => caller));
    return rows;
  }
}

function sqlOf(conditions: Conditions): string {
  const where = ['r.seq >= :at', 'r.seq < :upTo', ...conditions.all].map((condition) => `(${condition})`);
  return `SELECT ${SELECTED} FROM audit_requests r NOT INDEXED ${joinsFor(conditions)}
    LEFT JOIN audit_payloads payload ON payload.seq = r.seq
    WHERE ${where.join(' AND ')} ORDER BY r.seq`;
}

/** The first and last `seq` of the records between two times; their order is that of commit, so a time does not tell it. */
function seqsOf(database: Database, { from, to }: { from?: number; to?: number }): [number, number] {
  const row =
    from === undefined && to === undefined
      ? database
          .prepare('SELECT (SELECT min(seq) FROM audit_requests), (SELECT max(seq) FROM audit_requests)')
          .raw()
          .get()
      : database
          .prepare('SELECT min(seq), max(seq) FROM audit_requests WHERE id >= ? AND id < ?')
          .raw()
          .get(firstIdAt(from ?? 0), to === undefined ? Buffer.alloc(16, 0xff) : firstIdAt(to));
  const [first, last] = row as [number | null, number | null];
  return [first ?? 0, last ?? -1];
}
