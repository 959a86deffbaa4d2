import type { Database } from 'better-sqlite3';

const MOST_PAGES = 128;
const FIRST_PAGES = 16;
const LEAST_PAGES = 4;
/** Milliseconds between which the pages of one step are left as many as they are. */
const SHORT = 2;
const LONG = 5;

/**
 * Gives pages that are free back to the disk, few at a time, and moves the write-ahead log into the file. Lives in the journal
 * thread, between its transactions.
 */
export class Shrinker {
  private pages = FIRST_PAGES;

  constructor(private readonly database: Database) {}

  /** Bytes of the file without its free pages. */
  get used(): number {
    return (this.count('page_count') - this.count('freelist_count')) * this.count('page_size');
  }

  /** Gives some pages back. @returns whether there were any */
  vacuum(): boolean {
    if (this.count('freelist_count') === 0) return false;
    const began = performance.now();
    this.database.pragma(`incremental_vacuum(${this.pages})`);
    const took = performance.now() - began;
    if (took < SHORT) this.pages = Math.min(MOST_PAGES, this.pages * 2);
    else if (took > LONG) this.pages = Math.max(LEAST_PAGES, this.pages >> 1);
    return true;
  }

  /** Moves what the log holds into the file, as far as no reader still needs it there. */
  checkpoint(): void {
    this.database.pragma('wal_checkpoint(PASSIVE)');
  }

  /** Empties the log, and the file loses the pages that were given back. @returns false when a reader still needs the log; nobody is waited for */
  truncateLog(): boolean {
    const patience = this.count('busy_timeout');
    this.database.pragma('busy_timeout = 0');
    try {
      const [result] = this.database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return result?.busy === 0;
    } finally {
      this.database.pragma(`busy_timeout = ${patience}`);
    }
  }

  private count(name: string): number {
    return this.database.pragma(name, { simple: true }) as number;
  }
}
