import type { Database, Statement } from 'better-sqlite3';
import type { LoadedStream } from './loaded-stream.js';
import { PREDICTIONS } from './predictions/definition.js';
import { ERASED } from './predictions/prediction-erasure.js';
import type { Snapshots } from './snapshots.js';
import type { Work } from './stream-retention.js';

interface First {
  seq: number;
  received: number;
}

/** The first row of a log that holds events. */
interface FirstEvents {
  seq: number;
  count: number;
  size: number;
}

/**
 * Removes the beginning of logs, and of the ledgers of late events with them: what is too old, and of the built-in stream also what was
 * erased, since records go from their oldest on and would leave as many empty lines.
 */
export class LogPruner {
  private readonly statements;

  constructor(
    database: Database,
    private readonly snapshots: Snapshots,
  ) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      first: one(
        'SELECT seq, received FROM stream_log WHERE stream_id = ? AND seq >= ? ORDER BY seq LIMIT 1',
      ),
      firstEvents: one(
        "SELECT seq, count, length(body) AS size FROM stream_log WHERE stream_id = ? AND form = 'json' ORDER BY seq LIMIT 1",
      ),
      drop: one('DELETE FROM stream_log WHERE stream_id = ? AND seq = ?'),
      late: one('DELETE FROM stream_late WHERE stream_id = ? AND seq < ? ORDER BY seq LIMIT 100'),
      records: one(
        `DELETE FROM stream_log_records WHERE stream_id = ? AND last_record IN
           (SELECT last_record FROM stream_log_records WHERE stream_id = ? ORDER BY last_record LIMIT 100) AND seq < ?`,
      ),
    };
  }

  /** Whether an event is too old and yet needed, since no snapshot stands for it. */
  waits({ id, meaning }: LoadedStream, now: number): boolean {
    const { events } = meaning.retention;
    if (events === null) return false;
    const needed = this.first(id, this.snapshots.newest(id) ?? 0);
    return needed !== undefined && needed.received < now - events;
  }

  work({ id, name, meaning, nextSeq }: LoadedStream, now: number): Work {
    const { events } = meaning.retention;
    const oldest = events === null ? -Infinity : now - events;
    if (events === null && name !== PREDICTIONS) return () => true;
    return (deadline) => {
      const snapshot = this.snapshots.newest(id) ?? 0;
      while (performance.now() < deadline) {
        const first = this.first(id, 0);
        const useless =
          first && (first.received < oldest || (name === PREDICTIONS && first.seq <= this.erasedTo(id)));
        if (first && useless && first.seq < snapshot) this.statements.drop.run(id, first.seq);
        else if (!this.dropBeside(id, first?.seq ?? nextSeq)) return true;
      }
      return false;
    };
  }

  /** The `seq` of the first row of events, where nothing is left of them; -1 where there is, or no such row. */
  private erasedTo(id: number): number {
    const first = this.statements.firstEvents.get(id) as FirstEvents | undefined;
    // No event of the built-in stream is as short as an erased line.
    return first && first.size === first.count * (ERASED.length + 1) - 1 ? first.seq : -1;
  }

  /** @returns whether there may be more */
  private dropBeside(id: number, firstKept: number): boolean {
    const { late, records } = this.statements;
    return late.run(id, firstKept).changes + records.run(id, id, firstKept).changes > 0;
  }

  private first(id: number, from: number): First | undefined {
    return this.statements.first.get(id, from) as First | undefined;
  }
}
