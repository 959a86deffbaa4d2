import type { Database } from 'better-sqlite3';
import type { DataSourceOptions, EntitySchema } from 'typeorm';
import { databaseFile } from './data-folder.js';
import { MIGRATIONS } from './migrations/index.js';

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type for an entity class
export type Entities = readonly (Function | EntitySchema)[];

/** Options of the one connection that writes. Who opens it says when migrations run. */
export function writerOptions(dataDir: string, entities: Entities): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: databaseFile(dataDir),
    entities: [...entities],
    migrations: MIGRATIONS,
    prepareDatabase: prepareWriter,
  };
}

/** Options of a connection that only reads; the file must exist and be migrated. */
export function readerOptions(file: string, entities: Entities): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: file,
    entities: [...entities],
    readonly: true,
    fileMustExist: true,
    prepareDatabase: prepareReader,
  };
}

/** How long a commit waits while another program has locked the file, in milliseconds; then it fails. */
const LOCK_PATIENCE = 2000;

function prepareWriter(database: Database): void {
  database.pragma(`busy_timeout = ${LOCK_PATIENCE}`);
  database.pragma('auto_vacuum = INCREMENTAL'); // only takes effect before the first table
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL'); // in WAL mode NORMAL survives kill -9 but not a power cut
  database.pragma('cache_size = -16384');
  database.pragma('wal_autocheckpoint = 4000');
}

function prepareReader(database: Database): void {
  database.pragma('query_only = ON');
  database.pragma('cache_size = -16384');
}
