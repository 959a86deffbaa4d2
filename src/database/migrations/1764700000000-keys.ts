import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * - `access_keys`: of each key a keyed hash, and what it may do. `told` says whether its making is on record: what the command line
 *   does is put there by the server, as soon as it notices. One that is revoked goes once that is on record too.
 * - `access_guard`, one row once there was any key: from then on requests need one, also when all are gone.
 */
export class Keys1764700000000 implements MigrationInterface {
  readonly name = 'Keys1764700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE access_keys (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL, models TEXT, streams TEXT,
        created INTEGER NOT NULL, expires INTEGER, last_used INTEGER, digest TEXT NOT NULL, told INTEGER NOT NULL, revoked INTEGER)`,
    );
    await runner.query('CREATE UNIQUE INDEX access_keys_name ON access_keys (name) WHERE revoked IS NULL');
    await runner.query('CREATE TABLE access_guard (since INTEGER NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE access_guard');
    await runner.query('DROP TABLE access_keys');
  }
}
