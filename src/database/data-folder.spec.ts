import Database from 'better-sqlite3';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolderError, takeDataFolder } from './data-folder.js';
import { MIGRATIONS } from './migrations/index.js';
import { openReader, openWriter, rawConnection } from './open.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oriel-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('takeDataFolder', () => {
  it('makes the folder, and gives it to one at a time', () => {
    const deep = join(folder, 'a', 'b');
    const lock = takeDataFolder(deep);
    expect(() => takeDataFolder(deep)).toThrow(
      new DataFolderError(`The data folder ${deep} (ORIEL_DATA) is in use by another Oriel process.`),
    );
    lock.close();
    takeDataFolder(deep).close();
  });

  it('says so when the folder cannot be one', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => takeDataFolder(file)).toThrow(
      expect.objectContaining({
        code: 'data-folder',
        message: `The data folder ${file} (ORIEL_DATA) cannot be written (EEXIST).`,
      }) as Error,
    );
    const taken = join(folder, 'taken');
    mkdirSync(join(taken, 'oriel.lock'), { recursive: true });
    expect(() => takeDataFolder(taken)).toThrow(/cannot be written \(SQLITE_/);
  });
});

describe('openWriter', () => {
  it('makes a file that survives a power cut and can give space back', async () => {
    const source = await openWriter(folder, []);
    const database = rawConnection(source);
    const pragma = (name: string): unknown => database.pragma(name, { simple: true });
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('auto_vacuum')]).toEqual(['wal', 2, 2]);
    expect(pragma('busy_timeout')).toBe(2000);
    await source.destroy();
  });

  it('opens a file again as it was', async () => {
    const first = await openWriter(folder, []);
    rawConnection(first).exec('UPDATE journal_probe SET touched = 5');
    await first.destroy();
    const second = await openWriter(folder, []);
    expect(rawConnection(second).prepare('SELECT touched FROM journal_probe').pluck().get()).toBe(5);
    await second.destroy();
  });

  it('refuses the file of a newer Oriel, and leaves it alone', async () => {
    const source = await openWriter(folder, []);
    rawConnection(source).exec(
      "INSERT INTO migrations (timestamp, name) VALUES (9e12, 'FromTheFuture9000000000000')",
    );
    await source.destroy();
    await expect(openWriter(folder, [])).rejects.toThrow(
      /^.*oriel\.db was written by a newer Oriel \(it has the migration FromTheFuture9000000000000\)\. Start that one, or give another ORIEL_DATA\.$/,
    );
    await expect(openWriter(folder, [])).rejects.toBeInstanceOf(DataFolderError);
  });

  it('says so when the file is no database, or another program has locked it', async () => {
    const file = join(folder, 'oriel.db');
    writeFileSync(file, 'a letter, and a long one at that; '.repeat(100));
    await expect(openWriter(folder, [])).rejects.toThrow(
      new DataFolderError(`The file ${file} (ORIEL_DATA) is no database of Oriel, or it is damaged.`),
    );
    rmSync(file);
    const other = new Database(file);
    other.exec('BEGIN EXCLUSIVE');
    await expect(openWriter(folder, [])).rejects.toThrow(
      new DataFolderError(`The database ${file} (ORIEL_DATA) is locked by another program.`),
    );
    other.close();
    await (await openWriter(folder, [])).destroy();
  });

  it('can take its migrations back', async () => {
    const source = await openWriter(folder, []);
    for (const _ of MIGRATIONS) await source.undoLastMigration();
    const tables = rawConnection(source)
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .pluck()
      .all();
    expect(tables).toEqual(expect.not.arrayContaining([expect.stringMatching(/^(audit|journal)_/)]));
    await source.destroy();
  });
});

describe('openReader', () => {
  it('sees what is written, and writes nothing itself', async () => {
    const writer = await openWriter(folder, []);
    const reader = await openReader(folder, []);
    rawConnection(writer).exec('UPDATE journal_probe SET touched = 5');
    const touched = (): unknown =>
      rawConnection(reader).prepare('SELECT touched FROM journal_probe').pluck().get();
    expect(touched()).toBe(5);
    for (const statement of [
      'UPDATE journal_probe SET touched = 6',
      'INSERT INTO journal_probe VALUES (2, 0)',
      'DELETE FROM journal_probe',
      'CREATE TABLE mine (a)',
      'DROP TABLE journal_probe',
    ]) {
      expect(() => rawConnection(reader).exec(statement)).toThrow(/readonly/);
    }
    rawConnection(reader).pragma('query_only = OFF'); // the file itself is opened for reading only
    expect(() => rawConnection(reader).exec('DELETE FROM journal_probe')).toThrow(/readonly/);
    expect(touched()).toBe(5);
    await reader.destroy();
    await writer.destroy();
  });

  it('does not make a file where there is none', async () => {
    await expect(openReader(folder, [])).rejects.toMatchObject({ code: 'SQLITE_CANTOPEN' });
  });
});
