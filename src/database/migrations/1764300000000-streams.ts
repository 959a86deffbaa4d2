import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Streams of events and what their windows said.
 * - `stream_log` is what the engine was told, in order: a row for each request (its events and marks, one JSON text a line), each
 *   tick and each definition. An engine is restored from the newest whole snapshot and the rows of the log after it.
 * - `emission` counts, per stream, what live readers are told: window results, withdrawals, late events and alarms share it.
 */
export class Streams1764300000000 implements MigrationInterface {
  readonly name = 'Streams1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['alarms', 'late', 'windows', 'snapshots', 'fresh_ids', 'ids', 'log_records', 'log'])
      await runner.query(`DROP TABLE stream_${name}`);
    await runner.query('DROP TABLE streams');
  }
}

const TABLES = [
  `CREATE TABLE streams (
    id INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    next_emission INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    rejected INTEGER NOT NULL)`,
  'CREATE UNIQUE INDEX streams_name ON streams (name)',
  // Events and marks of one request: seq … seq + count - 1.
  `CREATE TABLE stream_log (
    stream_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    received INTEGER NOT NULL,
    form TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (stream_id, seq)) WITHOUT ROWID`,
  // Of a log row whose lines are about records, the `seq` of the last of them: what is erased of one goes from its line too.
  `CREATE TABLE stream_log_records (
    stream_id INTEGER NOT NULL,
    last_record INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (stream_id, last_record)) WITHOUT ROWID`,
  `CREATE TABLE stream_ids (
    stream_id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (stream_id, digest)) WITHOUT ROWID`,
  // Ids that are not in stream_ids yet: 16 bytes each, those of one request a row. `seq` is that of its first event.
  `CREATE TABLE stream_fresh_ids (
    stream_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    received INTEGER NOT NULL,
    digests BLOB NOT NULL,
    PRIMARY KEY (stream_id, seq)) WITHOUT ROWID`,
  // A snapshot is whole once its last part is there.
  `CREATE TABLE stream_snapshots (
    stream_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    part INTEGER NOT NULL,
    last INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (stream_id, seq, part))`,
  // One row a result or withdrawal; superseded once there is a newer one of the same window and key.
  `CREATE TABLE stream_windows (
    stream_id INTEGER NOT NULL,
    emission INTEGER NOT NULL,
    window TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    revision INTEGER NOT NULL,
    events INTEGER NOT NULL,
    body TEXT NOT NULL,
    merged_start INTEGER,
    merged_end INTEGER,
    superseded INTEGER NOT NULL,
    PRIMARY KEY (stream_id, emission)) WITHOUT ROWID`,
  `CREATE INDEX stream_windows_time ON stream_windows (stream_id, window, start, "end", "key") WHERE superseded = 0`,
  `CREATE TABLE stream_late (
    stream_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    emission INTEGER NOT NULL,
    time INTEGER NOT NULL,
    received INTEGER NOT NULL,
    late_by INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "all" INTEGER NOT NULL,
    event TEXT NOT NULL,
    missed TEXT NOT NULL,
    counted TEXT NOT NULL,
    PRIMARY KEY (stream_id, seq)) WITHOUT ROWID`,
  'CREATE UNIQUE INDEX stream_late_emission ON stream_late (stream_id, emission)',
  `CREATE TABLE stream_alarms (
    stream_id INTEGER NOT NULL,
    emission INTEGER NOT NULL,
    raised INTEGER NOT NULL,
    at INTEGER NOT NULL,
    late_ratio REAL NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (stream_id, emission)) WITHOUT ROWID`,
];
