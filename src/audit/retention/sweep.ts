import type { Database, Statement } from 'better-sqlite3';
import { firstIdAt } from '../id.js';

/** Records that are looked up at once. */
const CHUNK = 200;
const START = Buffer.alloc(0);

/** Above the id of every record. */
export const AFTER_ALL = Buffer.alloc(17, 0xff);

/** What became of a record that a sweep came to; `unfinished`: there was no time for all of it, come again. */
export type Visit = 'next' | 'unfinished';

/** Goes through the records from the oldest arrival on, in steps. Lives in the journal thread. */
export class Sweep {
  private cursor: Buffer = START;
  private readonly select: Statement;

  constructor(database: Database) {
    this.select = database.prepare(
      `SELECT seq, id FROM audit_requests WHERE id > ? AND id < ? ORDER BY id LIMIT ${CHUNK}`,
    );
  }

  /**
   * Goes on where it was, up to the records that arrived before `to` (epoch milliseconds; null for all).
   * @param enough when there is nothing more to do
   * @returns false when the time was up first
   */
  run(
    to: number | null,
    deadline: number,
    visit: (seq: number) => Visit,
    enough: () => boolean = (): boolean => false,
  ): boolean {
    const end = to === null ? AFTER_ALL : firstIdAt(to);
    for (;;) {
      const rows = this.select.all(this.cursor, end) as { seq: number; id: Buffer }[];
      for (const { seq, id } of rows) {
        if (enough()) return true;
        if (visit(seq) === 'unfinished') return false;
        this.cursor = id;
        if (performance.now() > deadline) return false; // after the first, however little time there was
      }
      if (rows.length < CHUNK) return true;
    }
  }

  /** Begins anew at the oldest. */
  again(): void {
    this.cursor = START;
  }
}
