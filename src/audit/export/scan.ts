import type { Database, Statement } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { rawConnection } from '../../database/open.js';
import type { RecordFilter } from '../audit-queries.js';
import { firstIdAt } from '../id.js';
import { conditionsOf, joinsFor, type Conditions } from '../record-conditions.js';
import type { RecordRange } from '../record-range.js';
import { PACKED, PackedRow } from './packed-row.js';

/** `seq`s that one statement looks at, at most: no read transaction is longer, so an export never holds the write-ahead log back. */
const STEP = 2000;
const FIRST_STEP = 250;
/** Bytes of rows below and above which the next statement looks at more or less: few enough to stay in the processor's cache. */
const FEW = 64 * 1024;
const MANY = 192 * 1024;

/** Some records, and the `seq`s that were looked at for them, the end exclusive. */
export interface Scanned {
  row: PackedRow;
  /** Whose they are. */
  callers: readonly number[];
  from: number;
  to: number;
}

/** What to scan. */
export interface ScanQuery extends RecordRange {
  filter: RecordFilter;
}

/** Reads records in the order of `seq`, as many as there were when it began, some at a time. */
export class RecordScan {
  private readonly statement: Statement | null;
  private readonly values: Record<string, unknown>;
  /** The next to look at, and the first that is none of it. */
  private at: number;
  private readonly end: number;
  private readonly begin: number;
  private step = FIRST_STEP;

  constructor(source: DataSource, { filter, from, to }: ScanQuery) {
    const database = rawConnection(source);
    const times = { ...(from && 'time' in from ? { from: from.time } : {}), ...(to && 'time' in to ? { to: to.time } : {}) }; // prettier-ignore
    const conditions = conditionsOf(source, { ...filter, ...times });
    const [first, last] = seqsOf(database, times);
    this.at = from && 'seq' in from ? Math.max(first, from.seq) : first;
    this.begin = this.at;
    this.end = to && 'seq' in to ? Math.min(last + 1, to.seq) : last + 1;
    this.values = conditions?.values ?? {};
    this.statement = conditions && database.prepare(sqlOf(conditions)).raw();
  }

  get done(): boolean {
    return this.statement === null || this.at >= this.end;
  }

  /** How many `seq`s were looked at, of how many. */
  get progress(): { done: number; total: number } {
    return { done: this.at - this.begin, total: Math.max(0, this.end - this.begin) };
  }

  /** The next few that match; null for none, although it may not be done. */
  next(): Scanned | null {
    if (!this.statement || this.done) return null;
    const from = this.at;
    const to = Math.min(from + this.step, this.end);
    const [rows, callers] = this.statement.get({ ...this.values, at: from, upTo: to }) as [
      Buffer | null,
      string,
    ];
    this.at = to;
    const size = rows?.length ?? 0;
    if (size < FEW) this.step = Math.min(STEP, this.step * 2);
    else if (size > MANY) this.step = Math.max(1, this.step >> 1);
    return rows && { row: new PackedRow(rows), callers: JSON.parse(callers) as number[], from, to };
  }
}

function sqlOf(conditions: Conditions): string {
  const where = ['r.seq >= :at', 'r.seq < :upTo', ...conditions.all].map((condition) => `(${condition})`);
  return `SELECT CAST(group_concat(packed, '') AS BLOB), json_group_array(caller) FROM (
    SELECT ${PACKED} AS packed, r.caller_id AS caller FROM audit_requests r NOT INDEXED ${joinsFor(conditions)}
    LEFT JOIN audit_payloads payload ON payload.seq = r.seq
    WHERE ${where.join(' AND ')} ORDER BY r.seq)`;
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
