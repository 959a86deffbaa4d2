import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The record of requests. What many records share (route, caller, model version) is stored once and referred to.
 * `audit_requests.id` is a UUIDv7, so its order is the order of arrival and its first 48 bits are the time of arrival:
 * the one unique index serves look-ups by id, ranges of time and paging. Payloads have a table of their own, so that
 * reading metadata never touches them and they can go first.
 */
export class AuditLog1764000000000 implements MigrationInterface {
  readonly name = 'AuditLog1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'audit_payloads',
      'audit_requests',
      'audit_versions',
      'audit_models',
      'audit_callers',
      'audit_routes',
      'journal_probe',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}

const STATEMENTS = [
  `CREATE TABLE journal_probe (id INTEGER PRIMARY KEY NOT NULL, touched INTEGER NOT NULL)`,
  `INSERT INTO journal_probe (id, touched) VALUES (1, 0)`,
  `CREATE TABLE audit_routes (id INTEGER PRIMARY KEY NOT NULL, method TEXT NOT NULL, route TEXT NOT NULL)`,
  `CREATE UNIQUE INDEX audit_routes_key ON audit_routes (method, route)`,
  `CREATE TABLE audit_callers (id INTEGER PRIMARY KEY NOT NULL, principal TEXT NOT NULL, source TEXT NOT NULL, user_agent TEXT NOT NULL)`,
  `CREATE UNIQUE INDEX audit_callers_key ON audit_callers (principal, source, user_agent)`,
  `CREATE TABLE audit_models (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL)`,
  `CREATE UNIQUE INDEX audit_models_key ON audit_models (name)`,
  `CREATE TABLE audit_versions (id INTEGER PRIMARY KEY NOT NULL, model_id INTEGER NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL)`,
  `CREATE UNIQUE INDEX audit_versions_key ON audit_versions (model_id, version, digest)`,
  `CREATE TABLE audit_requests (
     seq INTEGER PRIMARY KEY NOT NULL,
     id BLOB NOT NULL,
     route_id INTEGER NOT NULL,
     caller_id INTEGER NOT NULL,
     path TEXT,
     status INTEGER NOT NULL,
     outcome TEXT NOT NULL,
     problem TEXT,
     total_us INTEGER NOT NULL,
     queue_us INTEGER,
     run_us INTEGER,
     model_id INTEGER,
     version_id INTEGER,
     batch INTEGER,
     cache TEXT,
     trace_id TEXT,
     client_request_id TEXT,
     lost INTEGER)`,
  `CREATE UNIQUE INDEX audit_requests_id ON audit_requests (id)`,
  `CREATE INDEX audit_requests_model ON audit_requests (model_id, id) WHERE model_id IS NOT NULL`,
  `CREATE TABLE audit_payloads (seq INTEGER PRIMARY KEY NOT NULL, input TEXT, output TEXT, truncated TEXT)`,
];
