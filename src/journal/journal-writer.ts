import type { Database } from 'better-sqlite3';
import type { Applier, CommitAnswer, JournalEntry } from './messages.js';

/** Reasons of the disk or the file: nothing of the batch can be written now. Anything else is the fault of one entry. */
const DISK_FAULTS = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CORRUPT|NOTADB|CANTOPEN|PERM|NOMEM|PROTOCOL)/;

/** Commits batches of entries: one transaction, and so one wait for the disk, a batch. Lives in the journal thread. */
export class JournalWriter {
  private readonly begin;
  private readonly end;
  private readonly undo;
  private readonly touch;

  constructor(
    database: Database,
    private readonly appliers: Readonly<Record<string, Applier>>,
  ) {
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.end = database.prepare('COMMIT');
    this.undo = database.prepare('ROLLBACK');
    this.touch = database.prepare('UPDATE journal_probe SET touched = touched + 1');
    this.inTransaction = () => database.inTransaction;
  }

  private readonly inTransaction: () => boolean;

  /**
   * Writes a batch. If one entry cannot be applied the others still are: the batch is then written entry by entry.
   * @throws the database's error when the disk or the file takes no writes; nothing of the batch is then on disk
   */
  commit(entries: readonly JournalEntry[]): CommitAnswer {
    try {
      this.transact(() => entries.forEach((entry) => this.apply(entry)));
      return null;
    } catch (error) {
      if (isDiskFault(error)) throw error;
    }
    return entries.map((entry) => {
      try {
        this.transact(() => this.apply(entry));
        return null;
      } catch (error) {
        if (isDiskFault(error)) throw error;
        return error instanceof Error ? error.message : String(error);
      }
    });
  }

  /** @throws the database's error when it takes no writes */
  probe(): void {
    this.transact(() => this.touch.run());
  }

  private apply([kind, payload]: JournalEntry): void {
    const applier = this.appliers[kind];
    if (!applier) throw new Error(`nobody applies entries of the kind ${kind}`);
    applier.apply(payload);
  }

  private transact(work: () => void): void {
    this.begin.run();
    try {
      work();
      this.end.run();
    } catch (error) {
      if (this.inTransaction()) this.undo.run();
      for (const applier of Object.values(this.appliers)) applier.rolledBack();
      throw error;
    }
  }
}

function isDiskFault(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && DISK_FAULTS.test(code);
}
