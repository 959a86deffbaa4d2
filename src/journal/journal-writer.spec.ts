import Database from 'better-sqlite3';
import fc from 'fast-check';
import { JournalWriter } from './journal-writer.js';
import type { Applier } from './messages.js';

/** Writes texts into a table; `bad` cannot be applied, `full` finds the disk full. */
class Texts implements Applier {
  rollbacks = 0;

  constructor(private readonly database: Database.Database) {}

  apply(payload: unknown): void {
    this.database.prepare('INSERT INTO texts (text) VALUES (?)').run(payload);
    if (payload === 'undone') {
      this.database.exec('ROLLBACK'); // as SQLite does by itself after some faults of the disk
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });
    }
    if (payload === 'bad') throw new Error('this text is bad');
    if (payload === 'full')
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  }

  rolledBack(): void {
    this.rollbacks++;
  }
}

describe('JournalWriter', () => {
  let database: Database.Database;
  let texts: Texts;
  let writer: JournalWriter;
  beforeEach(() => {
    database = new Database(':memory:');
    database.exec(`CREATE TABLE texts (text TEXT); CREATE TABLE journal_probe (id INTEGER, touched INTEGER);
      CREATE TABLE journal_commits (last_seq INTEGER, time INTEGER, head BLOB);
      CREATE TABLE journal_tip (seq INTEGER, head BLOB);
      INSERT INTO journal_tip VALUES (0, zeroblob(32));
      INSERT INTO journal_probe VALUES (1, 0)`);
    texts = new Texts(database);
    writer = new JournalWriter(database, { text: texts });
  });
  afterEach(() => database.close());

  const onDisk = (): unknown[] => database.prepare('SELECT text FROM texts').pluck().all();
  const commit = (...entries: string[]): unknown => writer.commit(entries.map((text) => ['text', text]));

  it('commits a batch and answers with nothing to add', () => {
    expect(commit('a', 'b')).toBeNull();
    expect(onDisk()).toEqual(['a', 'b']);
    expect(texts.rollbacks).toBe(0);
  });

  it('refuses entries that cannot be applied with their reason, and writes the others in order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('good', 'bad'), { minLength: 1, maxLength: 6 }), (entries) => {
        database.exec('DELETE FROM texts');
        const answer = commit(...entries);
        if (entries.includes('bad'))
          expect(answer).toEqual(
            entries.map((one) => (one === 'bad' ? { refused: 'this text is bad' } : null)),
          );
        else expect(answer).toBeNull();
        expect(onDisk()).toEqual(entries.filter((one) => one === 'good'));
        expect(database.inTransaction).toBe(false);
      }),
    );
  });

  it('refuses an entry of a kind that nobody applies, and only that', () => {
    for (const kind of ['nobody', 'constructor']) {
      const answer = writer.commit([
        [kind, 1],
        ['text', kind],
      ]);
      expect(answer).toEqual([{ refused: `nobody applies entries of the kind ${kind}` }, null]);
    }
    expect(onDisk()).toEqual(['nobody', 'constructor']);
  });

  it('tells the appliers when what they wrote was undone', () => {
    commit('good', 'bad');
    expect(texts.rollbacks).toBeGreaterThan(0);
  });

  it('writes nothing of a batch when the disk takes nothing, also behind a bad entry', () => {
    for (const entries of [
      ['a', 'full'],
      ['a', 'bad', 'full'],
      ['bad', 'a', 'b', 'full', 'c'],
    ]) {
      expect(() => commit(...entries)).toThrow('disk is full');
      expect(onDisk()).toEqual([]);
      expect(database.inTransaction).toBe(false);
    }
    expect(commit('a')).toBeNull();
  });

  it('tells the fault and the appliers also when SQLite has rolled back by itself', () => {
    expect(() => commit('a', 'undone')).toThrow('disk I/O error');
    expect(texts.rollbacks).toBe(1);
    expect(() => commit('a', 'bad', 'undone')).toThrow('disk I/O error');
    expect(commit('a')).toBeNull();
    expect(onDisk()).toEqual(['a']);
  });

  it('goes on after a transaction that could not be rolled back', () => {
    database.exec("BEGIN; INSERT INTO texts (text) VALUES ('left')");
    expect(commit('a')).toBeNull();
    expect(onDisk()).toEqual(['a']);
  });

  it('can find out whether the disk takes writes without leaving anything behind', () => {
    writer.probe();
    expect(onDisk()).toEqual([]);
    database.pragma('query_only = ON');
    expect(() => writer.probe()).toThrow(expect.objectContaining({ code: 'SQLITE_READONLY' }) as Error);
  });
});
