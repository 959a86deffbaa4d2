import type { Database, Statement } from 'better-sqlite3';
import type { StreamDefinition } from '../engine/definition.js';
import type { Json } from '../engine/messages.js';
import { checkedDefinition, type StreamCore } from '../storage/core.js';
import type { LogRow } from '../storage/log.js';

/** Rows that are read in one go: a statement that is not read to its end would keep the file from giving space back. */
const ROWS = 64;

/** What is kept of a stream's log. Lives in a reader thread. */
export class KeptLog {
  private readonly statements: Record<'rows' | 'first' | 'before' | 'after', Statement>;

  constructor(
    database: Database,
    private readonly id: number,
  ) {
    const columns = 'seq, count, received, form, body';
    this.statements = {
      rows: database.prepare(
        `SELECT ${columns} FROM stream_log WHERE stream_id = ? AND seq >= ? ORDER BY seq LIMIT ${ROWS}`,
      ),
      first: database.prepare('SELECT min(seq) FROM stream_log WHERE stream_id = ?').pluck(),
      before: database.prepare(
        'SELECT seq, received FROM stream_log WHERE stream_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1',
      ),
      after: database.prepare('SELECT min(seq) FROM stream_log WHERE stream_id = ? AND seq > ?').pluck(),
    };
  }

  /** The `seq` of the first row; null: nothing is kept. */
  get first(): number | null {
    return this.statements.first.get(this.id) as number | null;
  }

  /** The rows from the one that holds `seq` on, up to the `seq` before which to end. */
  *rows(seq: number, end: number): Generator<LogRow> {
    for (let next = this.rowOf(seq); ;) {
      const rows = this.statements.rows.all(this.id, next) as LogRow[];
      for (const row of rows) {
        if (row.seq >= end) return;
        yield row;
        next = row.seq + row.count;
      }
      if (rows.length < ROWS) return;
    }
  }

  /**
   * The `seq` of the first row that was received at or after a time; `end` where there is none. By halving, since rows are nearly in the
   * order of their receipt: where the clock of the machine went back, some are taken for later or earlier than they are.
   */
  receivedFrom(time: number, end: number): number {
    let low = this.first ?? end;
    let high = end;
    while (low < high) {
      const row = this.rowAt(Math.floor((low + high - 1) / 2));
      if (!row) return low;
      if (row.received >= time) high = row.seq;
      else low = (this.statements.after.get(this.id, row.seq) as number | null) ?? end;
    }
    return Math.min(low, end);
  }

  private rowOf(seq: number): number {
    return this.rowAt(seq)?.seq ?? seq;
  }

  private rowAt(seq: number): { seq: number; received: number } | undefined {
    return this.statements.before.get(this.id, seq) as { seq: number; received: number } | undefined;
  }
}

/** A stream as a reader finds it. */
export interface FoundStream {
  id: number;
  definition: StreamDefinition;
  /** As the API shows it. */
  view: Json;
  /** The `seq` that comes next. */
  end: number;
}

export function findStream(database: Database, core: StreamCore, name: string): FoundStream | null {
  const row = database
    .prepare('SELECT id, definition, next_seq AS "end" FROM streams WHERE name = ?')
    .get(name) as { id: number; definition: string; end: number } | undefined;
  if (!row) return null;
  const view = JSON.parse(row.definition) as Json;
  return { id: row.id, definition: checkedDefinition(core, view), view, end: row.end };
}
