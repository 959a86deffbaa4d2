import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Erasures on request. Whom or which records one is about is kept only until they are gone. */
export class Erasures1764200000000 implements MigrationInterface {
  readonly name = 'Erasures1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE audit_erasures (
      id TEXT PRIMARY KEY NOT NULL,
      time INTEGER NOT NULL,
      state TEXT NOT NULL,
      reason TEXT,
      payloads_only INTEGER NOT NULL,
      principal TEXT,
      records TEXT,
      erased INTEGER NOT NULL,
      held INTEGER NOT NULL)`);
    await runner.query(
      `CREATE INDEX audit_erasures_open ON audit_erasures (state, time, id) WHERE state <> 'done'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_erasures');
  }
}
