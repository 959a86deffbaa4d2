import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The chain over all that is on record (src/journal/chain.ts), outcomes, and what a model's records share: the names of its features
 * and the address they come to. Records that were written before have no leaf; the first act of the chain says after which it begins.
 */
export class Chain1764100000000 implements MigrationInterface {
  readonly name = 'Chain1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `CREATE TABLE journal_commits (last_seq INTEGER PRIMARY KEY NOT NULL, time INTEGER NOT NULL, head BLOB NOT NULL)`,
  `CREATE TABLE journal_tip (id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), seq INTEGER NOT NULL, head BLOB NOT NULL)`,
  `INSERT INTO journal_tip (id, seq, head) SELECT 1, coalesce(max(seq), 0), zeroblob(32) FROM audit_requests`,
  `CREATE TABLE journal_acts (
     seq INTEGER PRIMARY KEY NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, leaf BLOB NOT NULL)`,
  `CREATE TABLE journal_tombstones (seq INTEGER PRIMARY KEY NOT NULL, leaf BLOB NOT NULL)`,
  `DROP INDEX audit_routes_key`,
  `ALTER TABLE audit_routes RENAME TO old_routes`,
  `CREATE TABLE audit_routes (id INTEGER PRIMARY KEY NOT NULL, method TEXT NOT NULL, route TEXT NOT NULL, path TEXT NOT NULL)`,
  `INSERT INTO audit_routes (id, method, route, path) SELECT id, method, route, '' FROM old_routes`,
  `DROP TABLE old_routes`,
  `CREATE UNIQUE INDEX audit_routes_key ON audit_routes (method, route, path)`,
  `CREATE TABLE audit_columns (id INTEGER PRIMARY KEY NOT NULL, names TEXT NOT NULL)`,
  `CREATE UNIQUE INDEX audit_columns_key ON audit_columns (names)`,
  `ALTER TABLE audit_requests ADD COLUMN leaf BLOB`,
  `CREATE INDEX audit_requests_errors ON audit_requests (id) WHERE status >= 400`,
  `CREATE INDEX audit_requests_client ON audit_requests (client_request_id) WHERE client_request_id IS NOT NULL`,
  `ALTER TABLE audit_payloads ADD COLUMN columns_id INTEGER`,
  `ALTER TABLE audit_payloads ADD COLUMN redacted TEXT`,
  `ALTER TABLE audit_payloads ADD COLUMN salt BLOB`,
  `ALTER TABLE audit_payloads ADD COLUMN digest BLOB`,
  `CREATE TABLE audit_outcomes (
     seq INTEGER PRIMARY KEY NOT NULL,
     request_id BLOB NOT NULL,
     item INTEGER NOT NULL,
     model_id INTEGER NOT NULL,
     version_id INTEGER NOT NULL,
     time INTEGER NOT NULL,
     recorded_at INTEGER NOT NULL,
     value TEXT NOT NULL,
     predicted TEXT NOT NULL,
     probability REAL,
     leaf BLOB NOT NULL)`,
  `CREATE INDEX audit_outcomes_request ON audit_outcomes (request_id, item)`,
  `CREATE INDEX audit_outcomes_model ON audit_outcomes (model_id, request_id)`,
];

const DOWN = [
  'DROP TABLE audit_outcomes',
  ...['digest', 'salt', 'redacted', 'columns_id'].map(
    (name) => `ALTER TABLE audit_payloads DROP COLUMN ${name}`,
  ),
  'DROP INDEX audit_requests_client',
  'DROP INDEX audit_requests_errors',
  'ALTER TABLE audit_requests DROP COLUMN leaf',
  'DROP TABLE audit_columns',
  'DROP INDEX audit_routes_key',
  'ALTER TABLE audit_routes DROP COLUMN path',
  'CREATE INDEX audit_routes_key ON audit_routes (method, route)', // several rows may be alike now
  ...['journal_tombstones', 'journal_acts', 'journal_tip', 'journal_commits'].map(
    (name) => `DROP TABLE ${name}`,
  ),
];
