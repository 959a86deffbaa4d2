import type { Database, Statement } from 'better-sqlite3';
import type { LoadedStream } from './loaded-stream.js';
import type { Work } from './stream-retention.js';

/** Rows that are looked at between two looks at the clock. */
const CHUNK = 200;
/** What is emitted comes about in the order of ends: after so many windows that stay, a sweep expects no more that go. */
const ENOUGH_KEPT = 1000;

interface WindowRow {
  emission: number;
  window: string;
  end: number;
  written: number;
}

/** Removes windows, and alarms, that a stream keeps no longer, and those of window definitions that it has no more. */
export class WindowSweep {
  private readonly statements;

  constructor(database: Database) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      scan: one(
        `SELECT emission, window, "end", written FROM stream_windows WHERE stream_id = ? AND emission > ?
         ORDER BY emission LIMIT ${CHUNK}`,
      ),
      drop: one('DELETE FROM stream_windows WHERE stream_id = ? AND emission = ?'),
      alarms: one('DELETE FROM stream_alarms WHERE stream_id = ? AND at < ?'),
    };
  }

  /** @param full whether to look at all, whatever stays */
  work(stream: LoadedStream, now: number, full: boolean): Work {
    const { id, meaning, engine } = stream;
    const { windows: age } = meaning.retention;
    const oldest = age === null ? -Infinity : now - age;
    const final = engine.watermark - meaning.lateness;
    const names = new Set(Object.keys(meaning.windows));
    let cursor = -1;
    let kept = 0;
    return (deadline) => {
      if (cursor < 0 && age !== null) this.statements.alarms.run(id, oldest);
      while (performance.now() < deadline) {
        const rows = this.statements.scan.all(id, cursor) as WindowRow[];
        for (const { emission, window, end, written } of rows) {
          if (!names.has(window) || (end < oldest && written < oldest && end <= final)) {
            this.statements.drop.run(id, emission);
            kept = 0;
          } else kept++;
          cursor = emission;
        }
        if (rows.length < CHUNK || (kept > ENOUGH_KEPT && !full)) return true;
      }
      return false;
    };
  }
}

/** Removes ids that are too old to make a duplicate. */
export class IdSweep {
  private readonly statements: Record<'chunk' | 'drop', Statement>;

  constructor(database: Database) {
    this.statements = {
      chunk: database
        .prepare(
          `SELECT max(digest) FROM
             (SELECT digest FROM stream_ids WHERE stream_id = ? AND digest > ? ORDER BY digest LIMIT ${CHUNK})`,
        )
        .pluck(),
      drop: database.prepare(
        'DELETE FROM stream_ids WHERE stream_id = ? AND digest > ? AND digest <= ? AND received < ?',
      ),
    };
  }

  work({ id, meaning }: LoadedStream, now: number): Work {
    let cursor = Buffer.alloc(0);
    return (deadline) => {
      while (performance.now() < deadline) {
        const last = this.statements.chunk.get(id, cursor) as Buffer<ArrayBuffer> | null;
        if (last === null) return true;
        this.statements.drop.run(id, cursor, last, now - meaning.dedupeFor);
        cursor = last;
      }
      return false;
    };
  }
}
