import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * When each result of a window was written, by the receipt of what brought it: a window of events that are old when they come is kept as
 * long as any other.
 */
export class WindowsWritten1764400000000 implements MigrationInterface {
  readonly name = 'WindowsWritten1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stream_windows ADD COLUMN written INTEGER NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stream_windows DROP COLUMN written');
  }
}
