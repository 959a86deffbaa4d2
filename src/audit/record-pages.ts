import type { Database, Statement } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { rawConnection } from '../database/open.js';
import type { RecordOrder, RecordPageQuery } from './audit-queries.js';
import { NdjsonForm } from './export/ndjson.js';
import { PACKED, PackedRow } from './export/packed-row.js';
import { hexToUuid, uuidToBytes } from './id.js';
import type { PageMark } from './page-token.js';
import { conditionsOf, joinsFor, knowArrival, type Conditions } from './record-conditions.js';

export interface RecordPage {
  /** The records as a JSON array, as UTF-8. */
  items: Uint8Array;
  /** Where to go on, absent on the last page. */
  next?: PageMark;
}

/** Statements that are kept ready, each of some kilobytes. */
const STATEMENTS = 50;
const NONE = Buffer.from('[]');
const [OPEN, COMMA, CLOSE, LINE_FEED] = Buffer.from('[,]\n') as unknown as [number, number, number, number];

/**
 * Reads pages of the record, and writes them where they are read: the main thread, which has others to answer, only passes the bytes
 * on. Lives in a reader thread, on a read-only connection.
 */
export class RecordPages {
  private readonly database: Database;
  private readonly form: NdjsonForm;
  private readonly statements = new Map<string, Statement>();
  private readonly last: Statement;

  constructor(private readonly source: DataSource) {
    this.database = rawConnection(source);
    knowArrival(this.database);
    this.form = new NdjsonForm(this.database);
    this.last = this.database.prepare('SELECT coalesce(max(seq), 0) FROM audit_requests').pluck();
  }

  /** One page; stable while records are added, since it goes on from a record and not from a count, and sees none that came later. */
  page({ filter, order = 'time desc', limit, after, settled }: RecordPageQuery): RecordPage {
    const asOf = after?.asOf ?? (settled ? Number.MAX_SAFE_INTEGER : (this.last.get() as number));
    const conditions = conditionsOf(this.source, filter);
    if (!conditions) return { items: NONE };
    conditions.all.push('r.seq <= :asOf');
    if (after) conditions.all.push(beyond(order));
    const place = after ? { lastId: uuidToBytes(after.id), lastUs: after.totalUs } : {};
    const values = { ...conditions.values, ...place, asOf, most: limit + 1 };
    const [rows, callers] = this.prepared(sqlOf(conditions, order)).get(values) as [Buffer | null, string];
    if (!rows) return { items: NONE };
    this.form.needAnew(JSON.parse(callers) as number[]);
    const row = new PackedRow(rows);
    let next: PageMark | undefined;
    for (let count = 0; row.next(); count++) {
      if (count === limit) return { items: this.items(), next };
      this.form.add(row, undefined);
      if (count === limit - 1) next = markOf(row, order, asOf);
    }
    return { items: this.items() };
  }

  private items(): Uint8Array {
    const lines = this.form.take();
    const items = Buffer.allocUnsafe(lines.length + 1);
    items[0] = OPEN;
    items.set(lines, 1);
    // There is no line feed in a line.
    for (let at = items.indexOf(LINE_FEED); at > 0; at = items.indexOf(LINE_FEED, at)) items[at] = COMMA;
    items[lines.length] = CLOSE;
    return items;
  }

  private prepared(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    if (this.statements.size >= STATEMENTS) this.statements.clear();
    const statement = this.database.prepare(sql).raw();
    this.statements.set(sql, statement);
    return statement;
  }
}

/** After the record where the page before ended. */
function beyond(order: RecordOrder): string {
  const than = order.endsWith('desc') ? '<' : '>';
  return order.startsWith('latency')
    ? `(r.total_us, r.id) ${than} (:lastUs, :lastId)`
    : `r.id ${than} :lastId`;
}

function sqlOf(conditions: Conditions, order: RecordOrder): string {
  const direction = order.endsWith('desc') ? 'DESC' : 'ASC';
  const by = order.startsWith('latency') ? [`r.total_us ${direction}`] : [];
  return `SELECT CAST(group_concat(packed, '') AS BLOB), json_group_array(caller) FROM (
    SELECT ${PACKED} AS packed, r.caller_id AS caller FROM audit_requests r ${joinsFor(conditions)}
    LEFT JOIN audit_payloads payload ON payload.seq = r.seq
    WHERE ${conditions.all.map((condition) => `(${condition})`).join(' AND ')}
    ORDER BY ${[...by, `r.id ${direction}`].join(', ')} LIMIT :most)`;
}

function markOf(row: PackedRow, order: RecordOrder, asOf: number): PageMark {
  const id = hexToUuid(row.bytes.toString('latin1', row.id, row.id + 32).toLowerCase());
  return { id, asOf, ...(order.startsWith('latency') ? { totalUs: row.totalUs } : {}) };
}
