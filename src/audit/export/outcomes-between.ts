import type { Database, Statement } from 'better-sqlite3';
import { toOutcome } from '../audit-queries.js';
import type { RecordOutcome } from '../record.js';
import type { ScannedRow } from './scan.js';

const NONE: ReadonlyMap<string, readonly RecordOutcome[]> = new Map();

type Told = [id: string, item: number, value: string, time: number, recordedAt: number];

/** Reads what turned out to be true of some records, all at once. */
export class OutcomesBetween {
  private readonly any: Statement;
  private readonly between: Statement;

  constructor(database: Database) {
    this.any = database.prepare('SELECT 1 FROM audit_outcomes LIMIT 1');
    this.between = database
      .prepare(
        `SELECT lower(hex(o.request_id)), o.item, o.value, o.time, o.recorded_at
         FROM audit_requests r NOT INDEXED CROSS JOIN audit_outcomes o ON o.request_id = r.id
         WHERE r.seq BETWEEN ? AND ? ORDER BY o.seq`,
      )
      .raw();
  }

  /** By the ids of the records, the newest last. @param rows in the order of `seq` */
  of(rows: readonly ScannedRow[]): ReadonlyMap<string, readonly RecordOutcome[]> {
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last || this.any.get() === undefined) return NONE;
    const told = new Map<string, RecordOutcome[]>();
    for (const [id, item, value, time, recordedAt] of this.between.all(first[0], last[0]) as Told[]) {
      const outcomes = told.get(id) ?? [];
      outcomes.push(toOutcome({ item, value, time, recordedAt }));
      told.set(id, outcomes);
    }
    return told;
  }
}
