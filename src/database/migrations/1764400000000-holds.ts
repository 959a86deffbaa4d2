import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the holds among the acts, which grow with every step of retention. */
export class Holds1764400000000 implements MigrationInterface {
  readonly name = 'Holds1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX journal_acts_holds ON journal_acts (seq) WHERE kind IN ('hold', 'release')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX journal_acts_holds');
  }
}
