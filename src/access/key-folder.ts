import SqliteDatabase, { type Database } from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { uuidv7 } from 'uuidv7';
import { databaseFile, FolderTakenError, takeDataFolder } from '../database/data-folder.js';
import { openWriter, rawConnection } from '../database/open.js';
import type { AskedKey, StoredKey } from './key.js';
import { KeySecret, newKey } from './key-secret.js';
import { KeyTable } from './key-table.js';
import { keyRefusal } from './refusals.js';

/** The keys of a data folder, changed without a server: one that runs on it notices within a second. */
export interface KeyFolder {
  /** @returns the key with its text, which is nowhere else. @throws OrielError `key-exists`, `too-many-keys` */
  make(asked: AskedKey, now: number): { key: StoredKey; text: string };
  list(): StoredKey[];
  /** @throws OrielError `unknown-key` */
  revoke(id: string, now: number): void;
}

/**
 * Opens the keys of a data folder, makes or migrates that if need be, and closes it after `work`.
 * @param most how many keys there may be
 * @throws DataFolderError when the folder cannot be used
 */
export async function withKeys<T>(dataDir: string, most: number, work: (keys: KeyFolder) => T): Promise<T> {
  const lock = lockUnlessTaken(dataDir);
  try {
    const source = await openWriter(dataDir, []);
    try {
      return work(folderOf(rawConnection(source), dataDir, most));
    } finally {
      await source.destroy();
    }
  } finally {
    lock?.close();
  }
}

/** Whether a data folder has, or ever had, a key; nothing is made or changed. */
export function hadKeys(dataDir: string): boolean {
  if (!existsSync(databaseFile(dataDir))) return false;
  const database = new SqliteDatabase(databaseFile(dataDir), { readonly: true });
  try {
    const table = database
      .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'access_guard'")
      .get();
    return table !== undefined && database.prepare('SELECT 1 FROM access_guard').get() !== undefined;
  } catch {
    return false; // which only refuses to start, and says why; what is wrong with the file, a start on loopback tells
  } finally {
    database.close();
  }
}

/** No server starts on the folder meanwhile; one that runs already has made and migrated it. */
function lockUnlessTaken(dataDir: string): { close(): void } | null {
  try {
    return takeDataFolder(dataDir);
  } catch (error) {
    if (error instanceof FolderTakenError) return null;
    throw error;
  }
}

function folderOf(database: Database, dataDir: string, most: number): KeyFolder {
  const table = new KeyTable(database);
  return {
    make: (asked, now) => {
      const secret = KeySecret.open(dataDir, table.guarded);
      const text = newKey();
      const key: StoredKey = {
        ...asked,
        id: uuidv7(),
        created: now,
        lastUsed: null,
        digest: secret.digest(text),
      };
      const result = database.transaction(() => table.insert(key, most, false)).immediate();
      if (result !== 'done') throw keyRefusal(result, asked.name);
      return { key, text };
    },
    list: () => table.all(most),
    revoke: (id, now) => {
      const result = table.revoke(id, now);
      if (result !== 'done') throw keyRefusal(result, id);
    },
  };
}
