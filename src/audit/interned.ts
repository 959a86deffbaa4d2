import type { Database, Statement } from 'better-sqlite3';

/** Most keys a dictionary remembers; a forgotten one is looked up again. */
const REMEMBERED = 10_000;

/**
 * A dictionary table: the id of each distinct row, made when it is first seen. Ids made in a transaction that is rolled
 * back must be forgotten (`forget`).
 */
export class Interned {
  private readonly ids = new Map<string, number>();
  private readonly select: Statement;
  private readonly insert: Statement;

  constructor(database: Database, table: string, columns: readonly string[]) {
    this.select = database
      .prepare(`SELECT id FROM ${table} WHERE ${columns.map((c) => `${c} = ?`).join(' AND ')}`)
      .pluck();
    this.insert = database.prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
  }

  /** @param key distinct for distinct `values`; given apart because the caller can often build it cheaper */
  id(key: string, ...values: (string | number)[]): number {
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id =
      (this.select.get(...values) as number | undefined) ??
      Number(this.insert.run(...values).lastInsertRowid);
    if (this.ids.size >= REMEMBERED) this.ids.clear();
    this.ids.set(key, id);
    return id;
  }

  forget(): void {
    this.ids.clear();
  }
}
