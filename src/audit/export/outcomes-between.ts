import type { Database, Statement } from 'better-sqlite3';
import { toOutcome } from '../audit-queries.js';
import type { RecordOutcome } from '../record.js';

const NONE: ReadonlyMap<number, readonly RecordOutcome[]> = new Map();

type Told = [seq: number, item: number, value: string, time: number, recordedAt: number];

/** Reads what turned out to be true of some records, all at once. */
export class OutcomesBetween {
  private readonly any: Statement;
  private readonly between: Statement;

  constructor(database: Database) {
    this.any = database.prepare('SELECT 1 FROM audit_outcomes LIMIT 1');
    this.between = database
      .prepare(
        `SELECT r.seq, o.item, o.value, o.time, o.recorded_at
         FROM audit_requests r NOT INDEXED CROSS JOIN audit_outcomes o ON o.request_id = r.id
         WHERE r.seq >= ? AND r.seq < ? ORDER BY o.seq`,
      )
      .raw();
  }

  /** By the `seq` of the records from one to before another, the newest last. */
  of(from: number, to: number): ReadonlyMap<number, readonly RecordOutcome[]> {
    if (this.any.get() === undefined) return NONE;
    const told = new Map<number, RecordOutcome[]>();
    for (const [seq, item, value, time, recordedAt] of this.between.all(from, to) as Told[]) {
      const outcomes = told.get(seq) ?? [];
      outcomes.push(toOutcome({ item, value, time, recordedAt }));
      told.set(seq, outcomes);
    }
    return told;
  }
}
