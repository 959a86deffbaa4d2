import type { Database, Statement } from 'better-sqlite3';
import type { LoadedStream, StreamState } from './loaded-stream.js';
import type { Restorer } from './restore.js';

const COLUMNS = `id, name, definition, created, changed, next_seq AS nextSeq, next_emission AS nextEmission,
  duplicates, rejected`;

/** Tables that hold rows of streams, each with a `stream_id`. */
export const STREAM_TABLES = [
  'stream_log',
  'stream_log_records',
  'stream_ids',
  'stream_fresh_ids',
  'stream_snapshots',
  'stream_windows',
  'stream_late',
  'stream_alarms',
] as const;

/**
 * The rows of `streams` and the engines of those that were asked for. What is in memory may be forgotten at any time: it is restored
 * from the tables when it is asked for again, also within a transaction that was taken back in part. Lives in the journal thread.
 */
export class StreamRegistry {
  private loaded = new Map<string, LoadedStream>();
  /** Why streams could not be restored. */
  private faults = new Map<string, Error>();
  /** All of the streams were looked at. */
  private complete = false;
  private readonly statements;

  constructor(
    database: Database,
    private readonly restorer: Restorer,
  ) {
    const one = (sql: string): Statement => database.prepare(sql);
    const highest = STREAM_TABLES.map((table) => `(SELECT max(stream_id) FROM ${table})`);
    this.statements = {
      one: one(`SELECT ${COLUMNS} FROM streams WHERE name = ?`),
      names: one('SELECT name FROM streams ORDER BY id').pluck(),
      count: one('SELECT count(*) FROM streams').pluck(),
      highest: one(
        `SELECT max(coalesce((SELECT max(id) FROM streams), 0), ${highest.map((h) => `coalesce(${h}, 0)`).join(', ')})`,
      ).pluck(),
      insert: one(
        `INSERT INTO streams (id, name, definition, created, changed, next_seq, next_emission, duplicates, rejected)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      save: one(
        'UPDATE streams SET next_seq = ?, next_emission = ?, duplicates = ?, rejected = ? WHERE id = ?',
      ),
      define: one('UPDATE streams SET definition = ?, changed = ? WHERE id = ?'),
      reject: one('UPDATE streams SET rejected = rejected + ? WHERE name = ?'),
      drop: one('DELETE FROM streams WHERE name = ?'),
      past: one('SELECT next_emission FROM stream_past').pluck(),
      leave: one('UPDATE stream_past SET next_emission = max(next_emission, ?)'),
    };
  }

  /** A stream, its engine where the log ends; undefined: there is none. @throws DamagedStream; the database's error */
  find(name: string): LoadedStream | undefined {
    const known = this.loaded.get(name);
    if (known) return known;
    const fault = this.faults.get(name);
    if (fault) throw fault;
    const state = this.statements.one.get(name) as StreamState | undefined;
    if (!state) return undefined;
    try {
      const stream = this.restorer.restore(state);
      this.loaded.set(name, stream);
      return stream;
    } catch (error) {
      if (typeof (error as { code?: unknown }).code === 'string') throw error; // the disk's, which may pass
      this.faults.set(name, error as Error);
      throw error;
    }
  }

  /** What the tables say of a stream, whether or not it can be restored. */
  state(name: string): StreamState | undefined {
    return this.loaded.get(name) ?? (this.statements.one.get(name) as StreamState | undefined);
  }

  /** Whether a stream cannot be restored. @throws the database's error */
  isBroken(name: string): boolean {
    this.tryToLoad(name);
    return this.faults.has(name);
  }

  /** All streams that can be restored, oldest first. @throws the database's error */
  all(): LoadedStream[] {
    if (!this.complete) {
      for (const name of this.statements.names.all() as string[]) this.tryToLoad(name);
      this.complete = true;
    }
    return [...this.loaded.values()];
  }

  /** Streams that cannot be restored, and why. */
  get broken(): { name: string; reason: string }[] {
    return [...this.faults].map(([name, { message }]) => ({ name, reason: message }));
  }

  get count(): number {
    return this.statements.count.get() as number;
  }

  /** An id that no row of any table has, also of streams that are gone. */
  freshId(): number {
    return (this.statements.highest.get() as number) + 1;
  }

  /** Where a new stream begins: beyond all that one of its name, which is gone, may have told a reader who comes back. */
  freshEmission(): number {
    return this.statements.past.get() as number;
  }

  /** Makes the row of a new stream, or of one that begins anew in the place of another. */
  put(stream: LoadedStream): void {
    const { id, name, definition, created, changed, nextSeq, nextEmission, duplicates, rejected } = stream;
    this.statements.drop.run(name);
    this.statements.insert.run(
      id, name, definition, created, changed, nextSeq, nextEmission, duplicates, rejected,
    ); // prettier-ignore
    this.faults.delete(name);
    this.loaded.set(name, stream);
  }

  /** Writes down how far a stream has come. */
  save({ id, nextSeq, nextEmission, duplicates, rejected }: LoadedStream): void {
    this.statements.save.run(nextSeq, nextEmission, duplicates, rejected, id);
  }

  /** Counts elements that a stream which cannot be restored could not take. */
  reject(name: string, count: number): void {
    this.statements.reject.run(count, name);
  }

  /** Writes down its new definition. */
  define({ id, definition, changed }: LoadedStream): void {
    this.statements.define.run(definition, changed, id);
  }

  /** @returns whether there was one */
  drop(name: string): boolean {
    const state = this.state(name);
    if (state) this.statements.leave.run(state.nextEmission);
    this.loaded.delete(name);
    this.faults.delete(name);
    return this.statements.drop.run(name).changes > 0;
  }

  /** What is in memory of one stream may be ahead of the tables. */
  forgetOne(name: string): void {
    this.loaded.delete(name);
    this.complete = false;
  }

  /** What is in memory may be ahead of the tables. */
  forget(): void {
    this.loaded = new Map();
    this.faults = new Map();
    this.complete = false;
  }

  private tryToLoad(name: string): void {
    try {
      this.find(name);
    } catch (error) {
      if (!this.faults.has(name)) throw error;
    }
  }
}
