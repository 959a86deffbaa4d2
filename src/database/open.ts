import type { Database } from 'better-sqlite3';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { DataFolderError, databaseFile } from './data-folder.js';
import { MIGRATIONS } from './migrations/index.js';
import { readerOptions, writerOptions, type Entities } from './options.js';

type Migration = new () => MigrationInterface & { name: string };

/** Hears of each step of an upgrade as it begins: its name, which it is, and of how many. */
export type UpgradeTold = (step: string, number: number, of: number) => void;

/**
 * Opens the writing connection, making or migrating the file. Each step of a migration is a transaction: one that is interrupted is done
 * again by the next start.
 * @throws DataFolderError for a file of a newer Oriel, and for one that cannot be written, is locked or no database
 */
export async function openWriter(
  dataDir: string,
  entities: Entities,
  told: UpgradeTold = () => undefined,
): Promise<DataSource> {
  const source = new DataSource({ ...writerOptions(dataDir, entities), migrations: toldMigrations(told) });
  try {
    await source.initialize();
    refuseNewerFile(rawConnection(source), dataDir);
    await source.runMigrations({ transaction: 'each' });
    return source;
  } catch (error) {
    if (source.isInitialized) await source.destroy();
    throw inASentence(error, databaseFile(dataDir));
  }
}

/** Those of a file that is made anew are no upgrade, and not told. */
function toldMigrations(told: UpgradeTold): Migration[] {
  let upgrade: boolean | undefined;
  return (MIGRATIONS as readonly Migration[]).map(
    (Step, index) =>
      class extends Step {
        override async up(runner: QueryRunner): Promise<void> {
          upgrade ??= index > 0;
          if (upgrade) told(this.name, index + 1, MIGRATIONS.length);
          await super.up(runner);
        }
      },
  );
}

/** What SQLite found wrong with the file, for the person who starts the server; any other error as it is. */
function inASentence(error: unknown, file: string): unknown {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return error;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return new DataFolderError(`The database ${file} (ORIEL_DATA) is locked by another program.`);
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code))
    return new DataFolderError(`The file ${file} (ORIEL_DATA) is no database of Oriel, or it is damaged.`);
  if (/^SQLITE_(READONLY|CANTOPEN|FULL|IOERR|PERM|AUTH)/.test(code))
    return new DataFolderError(
      `The database ${file} (ORIEL_DATA), or its companion -wal or -shm, cannot be written (${code}).`,
    );
  return error;
}

export async function openReader(dataDir: string, entities: Entities): Promise<DataSource> {
  return new DataSource(readerOptions(databaseFile(dataDir), entities)).initialize();
}

/**
 * Opens a file that may be any: a data folder's, that of a server that runs, or a copy.
 * @throws DataFolderError for a file of another Oriel, older or newer, for no database of Oriel, and for one that cannot be read
 */
export async function openFile(file: string, entities: Entities): Promise<DataSource> {
  const source = new DataSource(readerOptions(file, entities));
  try {
    await source.initialize();
    refuseOtherVersion(rawConnection(source), file);
    return source;
  } catch (error) {
    if (source.isInitialized) await source.destroy();
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('SQLITE_')) throw error;
    throw new DataFolderError(
      /^SQLITE_(NOTADB|CORRUPT)/.test(code)
        ? `The file ${file} is no database of Oriel, or it is damaged.`
        : `The file ${file} cannot be read (${code}).`,
    );
  }
}

/** The better-sqlite3 connection under a data source, for statements that are prepared once and run a million times. */
export function rawConnection(source: DataSource): Database {
  return (source.driver as unknown as { databaseConnection: Database }).databaseConnection;
}

function refuseNewerFile(database: Database, dataDir: string): void {
  const unknown = newerThanThis(applied(database));
  if (unknown !== undefined) {
    throw new DataFolderError(
      `${databaseFile(dataDir)} was written by a newer Oriel (it has the migration ${unknown}). Start that one, or give another ORIEL_DATA.`,
    );
  }
}

function refuseOtherVersion(database: Database, file: string): void {
  const migrations = applied(database);
  if (migrations.length === 0) throw new DataFolderError(`The file ${file} is no database of Oriel.`);
  const unknown = newerThanThis(migrations);
  if (unknown !== undefined)
    throw new DataFolderError(`${file} was written by a newer Oriel (it has the migration ${unknown}).`);
  if (migrations.length < MIGRATIONS.length)
    throw new DataFolderError(
      `${file} was written by an older Oriel: serve it once, which brings it up to date.`,
    );
}

/** Names of the migrations that made a file what it is. */
function applied(database: Database): string[] {
  const table = database
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'")
    .get();
  return table ? (database.prepare('SELECT name FROM migrations').pluck().all() as string[]) : [];
}

function newerThanThis(migrations: readonly string[]): string | undefined {
  const known = new Set(MIGRATIONS.map((migration) => migration.name));
  return migrations.find((name) => !known.has(name));
}
