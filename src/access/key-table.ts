import type { Database, Statement } from 'better-sqlite3';
import type { Role } from '../http/areas.js';
import type { StoredKey } from './key.js';

interface Row {
  id: string;
  name: string;
  roles: string;
  models: string | null;
  streams: string | null;
  created: number;
  expires: number | null;
  lastUsed: number | null;
  digest: string;
}

/** What was done to a key and is not on record yet. */
export interface Untold {
  key: StoredKey;
  made: boolean;
  /** When it was revoked; null while it is not. */
  revoked: number | null;
}

export type KeyResult = 'done' | 'nameTaken' | 'tooMany' | 'unknown';

const COLUMNS = 'id, name, roles, models, streams, created, expires, last_used AS lastUsed, digest';

/** The keys in the database. Each of its acts is one statement or belongs inside a transaction of who calls it. */
export class KeyTable {
  private readonly statements: Record<
    | 'insert'
    | 'guard'
    | 'guarded'
    | 'count'
    | 'named'
    | 'mark'
    | 'remove'
    | 'told'
    | 'use'
    | 'all'
    | 'untold',
    Statement
  >;

  constructor(database: Database) {
    this.statements = {
      insert: database.prepare(
        `INSERT INTO access_keys (id, name, roles, models, streams, created, expires, digest, told)
         VALUES (@id, @name, @roles, @models, @streams, @created, @expires, @digest, @told)`,
      ),
      guard: database.prepare(
        'INSERT INTO access_guard SELECT ? WHERE NOT EXISTS (SELECT 1 FROM access_guard)',
      ),
      guarded: database.prepare('SELECT 1 FROM access_guard').pluck(),
      count: database.prepare('SELECT count(*) FROM access_keys').pluck(),
      named: database.prepare('SELECT 1 FROM access_keys WHERE name = ? AND revoked IS NULL').pluck(),
      mark: database.prepare('UPDATE access_keys SET revoked = ? WHERE id = ? AND revoked IS NULL'),
      remove: database.prepare('DELETE FROM access_keys WHERE id = ?'),
      told: database.prepare('UPDATE access_keys SET told = 1 WHERE id = ?'),
      use: database.prepare('UPDATE access_keys SET last_used = max(coalesce(last_used, 0), ?) WHERE id = ?'),
      all: database.prepare(`SELECT ${COLUMNS} FROM access_keys WHERE revoked IS NULL ORDER BY id LIMIT ?`),
      untold: database.prepare(
        `SELECT ${COLUMNS}, told, revoked FROM access_keys WHERE told = 0 OR revoked IS NOT NULL ORDER BY id`,
      ),
    };
  }

  /** @param most keys, those included that are revoked and not on record yet; @param told whether its making is on record */
  insert(key: StoredKey, most: number, told: boolean): KeyResult {
    if (this.statements.named.get(key.name) !== undefined) return 'nameTaken';
    if ((this.statements.count.get() as number) >= most) return 'tooMany';
    const { id, name, created, expires, digest } = key;
    const json = (list: readonly string[] | null): string | null => list && JSON.stringify(list);
    this.statements.insert.run({
      ...{ id, name, created, expires, digest },
      roles: JSON.stringify(key.roles),
      models: json(key.models),
      streams: json(key.streams),
      told: told ? 1 : 0,
    });
    this.statements.guard.run(key.created);
    return 'done';
  }

  /** From now on it is no key any more. Its row stays until it is removed, which is to be done once that is on record. */
  revoke(id: string, now: number): KeyResult {
    return this.statements.mark.run(now, id).changes > 0 ? 'done' : 'unknown';
  }

  remove(id: string): void {
    this.statements.remove.run(id);
  }

  noteTold(id: string): void {
    this.statements.told.run(id);
  }

  noteUse(id: string, time: number): void {
    this.statements.use.run(time, id);
  }

  /** Whether there ever was a key. */
  get guarded(): boolean {
    return this.statements.guarded.get() !== undefined;
  }

  /** The keys that hold, oldest first. */
  all(most: number): StoredKey[] {
    return (this.statements.all.all(most) as Row[]).map(keyOf);
  }

  untold(): Untold[] {
    const rows = this.statements.untold.all() as (Row & { told: number; revoked: number | null })[];
    return rows.map((row) => ({ key: keyOf(row), made: row.told === 0, revoked: row.revoked }));
  }
}

function keyOf({ id, name, roles, models, streams, created, expires, lastUsed, digest }: Row): StoredKey {
  const list = (text: string | null): string[] | null =>
    text === null ? null : (JSON.parse(text) as string[]);
  return {
    id,
    name,
    roles: JSON.parse(roles) as Role[],
    models: list(models),
    streams: list(streams),
    created,
    expires,
    lastUsed,
    digest,
  };
}
