import type { Database, Statement } from 'better-sqlite3';
import { PREDICTIONS } from './definition.js';
import { erasedPayload, recordOf } from './prediction-line.js';
import type { Snapshots } from '../snapshots.js';
import type { StreamRegistry } from '../stream-registry.js';

type Range = readonly [first: number, last: number];

/** What went from the record: `seq` of records, and of those of which the payload went. */
export interface Gone {
  records: readonly Range[];
  payloads: readonly Range[];
}

interface Row {
  seq: number;
  last: number;
  body: string | null;
}

/** An erased line. It takes the place of the other with blanks, so that the bytes are overwritten where they are. */
export const ERASED = 'null';

/**
 * Takes out of the built-in stream's log what is erased of the record: lines of records, answers and features of payloads; from the
 * ledger of late events too. What windows have counted stays counted. Lives in the journal thread, inside its transaction.
 */
export class PredictionErasure {
  private readonly statements;

  constructor(
    database: Database,
    private readonly registry: StreamRegistry,
    private readonly snapshots: Snapshots,
  ) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      rows: one(
        `SELECT r.seq, r.last_record AS last, l.body FROM stream_log_records r
         LEFT JOIN stream_log l ON l.stream_id = r.stream_id AND l.seq = r.seq
         WHERE r.stream_id = ? AND r.last_record >= ? ORDER BY r.last_record LIMIT 1`,
      ),
      log: one('UPDATE stream_log SET body = ? WHERE stream_id = ? AND seq = ?'),
      late: one('UPDATE stream_late SET event = ? WHERE stream_id = ? AND seq = ?'),
    };
  }

  erase({ records, payloads }: Gone): void {
    const id = this.registry.state(PREDICTIONS)?.id;
    if (id === undefined) return;
    for (const range of records) this.eraseRange(id, range, () => ERASED);
    for (const range of payloads) this.eraseRange(id, range, erasedPayload);
  }

  private eraseRange(id: number, [first, last]: Range, blank: (line: string) => string): void {
    for (let from = first; from <= last;) {
      const row = this.statements.rows.get(id, from) as Row | undefined;
      if (!row) return;
      if (row.body !== null) this.eraseLines(id, { ...row, body: row.body }, [from, last], blank);
      from = row.last + 1;
    }
  }

  private eraseLines(
    id: number,
    { seq, body }: Row & { body: string },
    [first, last]: Range,
    blank: (line: string) => string,
  ): void {
    const lines = body.split('\n');
    let changed = false;
    for (const [index, line] of lines.entries()) {
      const record = recordOf(line);
      if (record === null || record < first || record > last) continue;
      const left = blank(line).padEnd(line.length);
      if (left === line) continue;
      lines[index] = left;
      changed = true;
      this.statements.late.run(left, id, seq + index);
    }
    if (!changed) return;
    this.keepWhatItSaid(seq);
    // A row of which nothing is left gives its room back, and goes once it is the first (see `LogPruner`).
    const empty = lines.every((line) => line.trimEnd() === ERASED);
    this.statements.log.run((empty ? lines.map(() => ERASED) : lines).join('\n'), id, seq);
  }

  /** An engine that is restored must not need the lines that go: where it would, a snapshot takes their place first. */
  private keepWhatItSaid(seq: number): void {
    const stream = this.registry.find(PREDICTIONS);
    if (!stream || seq < (this.snapshots.newest(stream.id) ?? 0)) return;
    const draft = this.snapshots.draft(stream);
    this.snapshots.writeAll(draft);
    this.snapshots.settled(draft);
  }
}
