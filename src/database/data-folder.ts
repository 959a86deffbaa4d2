import Database from 'better-sqlite3';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the record lives in the data folder. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, 'oriel.db');
}

/** Whose lock says which process owns the folder. */
export function lockFile(dataDir: string): string {
  return join(dataDir, 'oriel.lock');
}

/** A data folder that cannot be used; the message is a sentence for the person who starts the server. */
export class DataFolderError extends Error {
  readonly code = 'data-folder';
}

/** A data folder that another process has. */
export class FolderTakenError extends DataFolderError {}

/**
 * Makes the data folder if need be and takes it for this process. The lock is SQLite's own on a file beside the database:
 * the operating system drops it with the process, however that ends, so it can never be left behind.
 * @returns the connection that holds the lock; closing it gives the folder back
 * @throws DataFolderError when the folder cannot be made or written, or belongs to another process
 */
export function takeDataFolder(dataDir: string): { close(): void } {
  let lock: Database.Database | undefined;
  try {
    makeFolder(dataDir);
    lock = new Database(lockFile(dataDir), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const code = (error as { code?: string }).code ?? '';
    if (code === 'SQLITE_BUSY') {
      throw new FolderTakenError(
        `The data folder ${dataDir} (ORIEL_DATA) is in use by another Oriel process.`,
      );
    }
    throw new DataFolderError(
      `The data folder ${dataDir} (ORIEL_DATA) cannot be written (${code || 'unknown reason'}).`,
    );
  }
}

/** Level by level: Node's own recursive way never ends where a folder can neither be made nor found, as under /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
