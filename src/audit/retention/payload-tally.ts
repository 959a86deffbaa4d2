import type { Database, Statement } from 'better-sqlite3';

const CHUNK = 500;

/**
 * Counts the bytes of all payloads, each once, as they come: a sum over a table of any size would hold the writer. What goes is
 * told to it (`less`). Lives in the journal thread.
 */
export class PayloadTally {
  private upTo = 0;
  private counted = 0;
  private readonly select: Statement;

  constructor(database: Database) {
    this.select = database.prepare(
      `SELECT seq, coalesce(octet_length(input), 0) + coalesce(octet_length(output), 0) AS bytes
       FROM audit_payloads WHERE seq > ? ORDER BY seq LIMIT ${CHUNK}`,
    );
  }

  get bytes(): number {
    return this.counted;
  }

  /** Counts on. @returns false when the time was up before the newest */
  run(deadline: number): boolean {
    for (;;) {
      const rows = this.select.all(this.upTo) as { seq: number; bytes: number }[];
      for (const { seq, bytes } of rows) {
        this.counted += bytes;
        this.upTo = seq;
      }
      if (rows.length < CHUNK) return true;
      if (performance.now() > deadline) return false;
    }
  }

  /** Bytes of a payload that goes. */
  less(seq: number, bytes: number): void {
    if (seq <= this.upTo) this.counted -= bytes;
  }

  again(): void {
    this.upTo = 0;
    this.counted = 0;
  }
}
