import type { Database, Statement } from 'better-sqlite3';
import { STREAM_TABLES } from './stream-registry.js';
import type { Work } from './stream-retention.js';

/** Rows that go between two looks at the clock: a row of a log may be megabytes. */
const CHUNK = 20;

/** Removes what is left of streams that are gone, or that began anew. */
export class Leftovers {
  private readonly tables: { next: Statement; drop: Statement }[];
  private readonly has: Statement;

  constructor(database: Database) {
    this.has = database.prepare('SELECT 1 FROM streams WHERE id = ?').pluck();
    this.tables = STREAM_TABLES.map((table) => ({
      next: database.prepare(`SELECT min(stream_id) FROM ${table} WHERE stream_id > ?`).pluck(),
      drop: database.prepare(`DELETE FROM ${table} WHERE stream_id = ? LIMIT ${CHUNK}`),
    }));
  }

  work(): Work {
    let table = 0;
    let stream = -1;
    return (deadline) => {
      while (table < this.tables.length) {
        const { next, drop } = this.tables[table] as (typeof this.tables)[number];
        const id = next.get(stream) as number | null;
        if (id === null) {
          table++;
          stream = -1;
        } else if (this.has.get(id) === undefined && drop.run(id).changes > 0) {
          if (performance.now() >= deadline) return false;
        } else stream = id;
      }
      return true;
    };
  }
}
