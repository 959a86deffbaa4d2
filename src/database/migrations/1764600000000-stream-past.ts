import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * - When each result of a window was written, by the receipt of what brought it: a window of events that are old when they come is kept
 *   as long as any other.
 * - `stream_past`, one row: where streams that are gone would have gone on, so that a reader of one who comes back is told all that its
 *   successor says.
 */
export class StreamPast1764600000000 implements MigrationInterface {
  readonly name = 'StreamPast1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stream_windows ADD COLUMN written INTEGER NOT NULL DEFAULT 0');
    await runner.query('CREATE TABLE stream_past (next_emission INTEGER NOT NULL)');
    await runner.query('INSERT INTO stream_past SELECT max(1, coalesce(max(next_emission), 1)) FROM streams');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE stream_past');
    await runner.query('ALTER TABLE stream_windows DROP COLUMN written');
  }
}
