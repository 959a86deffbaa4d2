import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The key under which the act that asks for an erasure says whom or what it is about; gone with that once it is carried out. */
export class ErasuresInChain1764500000000 implements MigrationInterface {
  readonly name = 'ErasuresInChain1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE audit_erasures ADD COLUMN salt BLOB');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE audit_erasures DROP COLUMN salt');
  }
}
