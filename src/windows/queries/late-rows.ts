import type { Database } from 'better-sqlite3';
import type { Json, Span } from '../engine/messages.js';
import type { AlarmRow, AlarmsQuery, LateQuery, LateRow } from './messages.js';

/** A row of `stream_late`, its JSON as texts. */
export type LateTexts = Omit<LateRow, 'event' | 'missed' | 'counted'> & {
  event: string;
  missed: string;
  counted: string;
};

export const LATE_COLUMNS = 'seq, time, received, late_by AS lateBy, "key", event, missed, counted';
const STREAM = 'stream_id = (SELECT id FROM streams WHERE name = ?)';

/** Reads which events came too late, and when that was too often. Lives in a reader thread. */
export class LateRows {
  constructor(private readonly database: Database) {}

  late({ name, all, descending, after, limit }: LateQuery): LateRow[] {
    const sql = `SELECT ${LATE_COLUMNS} FROM stream_late WHERE ${STREAM}${all ? ' AND "all" = 1' : ''}
      ${beyond('seq', descending)} LIMIT ?`;
    const rows = this.database.prepare(sql).all(name, after ?? first(descending), limit) as LateTexts[];
    return rows.map(readLate);
  }

  alarms({ name, descending, after, limit }: AlarmsQuery): AlarmRow[] {
    const sql = `SELECT emission, raised, at, late_ratio AS lateRatio, events FROM stream_alarms WHERE ${STREAM}
      ${beyond('emission', descending)} LIMIT ?`;
    const rows = this.database.prepare(sql).all(name, after ?? first(descending), limit);
    return (rows as (Omit<AlarmRow, 'raised'> & { raised: number })[]).map((row) => ({
      ...row,
      raised: row.raised === 1,
    }));
  }
}

function beyond(column: string, descending: boolean): string {
  return `AND ${column} ${descending ? '<' : '>'} ? ORDER BY ${column} ${descending ? 'DESC' : 'ASC'}`;
}

function first(descending: boolean): number {
  return descending ? Number.MAX_SAFE_INTEGER : -1;
}

export function readLate({ event, missed, counted, ...row }: LateTexts): LateRow {
  return {
    ...row,
    event: JSON.parse(event) as Json,
    missed: JSON.parse(missed) as Span[],
    counted: JSON.parse(counted) as Span[],
  };
}
