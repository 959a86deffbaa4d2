import type { Database, Statement } from 'better-sqlite3';

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

  private readonly usedBytes: Statement;
  private readonly freePages: Statement;

  constructor(private readonly database: Database) {
    // Prepared once: they are asked after each record, and thousands of statements to clean away would hold the thread.
    this.usedBytes = database
      .prepare(
        'SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
      )
      .pluck();
    this.freePages = database.prepare('SELECT freelist_count FROM pragma_freelist_count').pluck();
  }

  /** Bytes of the file without its free pages. */
  get used(): number {
    return this.usedBytes.get() as number;
  }

  /** Gives some pages back. @returns whether there were any */
  vacuum(): boolean {
    if ((this.freePages.get() as number) === 0) return false;
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
    const patience = this.database.pragma('busy_timeout', { simple: true }) as number;
    this.database.pragma('busy_timeout = 0');
    try {
      const [result] = this.database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return result?.busy === 0;
    } finally {
      this.database.pragma(`busy_timeout = ${patience}`);
    }
  }
}
