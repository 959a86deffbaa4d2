import type { Database } from 'better-sqlite3';
import type { Applier, CommitAnswer, JournalEntry } from './messages.js';

/** Reasons of the disk or the file: nothing of the batch can be written now. Anything else is the fault of one entry. */
const DISK_FAULTS = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CORRUPT|NOTADB|CANTOPEN|PERM|NOMEM|PROTOCOL)/;

/** Commits batches of entries: one transaction, and so one wait for the disk, a batch. Lives in the journal thread. */
export class JournalWriter {
  private readonly appliers: ReadonlyMap<string, Applier>;
  private readonly statements;

  constructor(
    private readonly database: Database,
    appliers: Readonly<Record<string, Applier>>,
  ) {
    this.appliers = new Map(Object.entries(appliers));
    this.statements = {
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      rollback: database.prepare('ROLLBACK'),
      mark: database.prepare('SAVEPOINT entry'),
      keep: database.prepare('RELEASE entry'),
      backToMark: database.prepare('ROLLBACK TO entry'),
      touch: database.prepare('UPDATE journal_probe SET touched = touched + 1'),
    };
  }

  /**
   * Writes a batch. If one entry cannot be applied the others still are: the batch is then written again, with a way back
   * before each entry.
   * @throws the database's error when the disk or the file takes no writes; nothing of the batch is then on disk
   */
  commit(entries: readonly JournalEntry[]): CommitAnswer {
    try {
      this.transact(() => entries.forEach((entry) => this.apply(entry)));
      return null;
    } catch (error) {
      if (isDiskFault(error)) throw error;
    }
    return this.transact(() => entries.map((entry) => this.tryToApply(entry)));
  }

  /** @throws the database's error when it takes no writes */
  probe(): void {
    this.transact(() => this.statements.touch.run());
  }

  private apply([kind, payload]: JournalEntry): void {
    const applier = this.appliers.get(kind);
    if (!applier) throw new Error(`nobody applies entries of the kind ${kind}`);
    applier.apply(payload);
  }

  /** @returns why the entry cannot be applied, or null when it was */
  private tryToApply(entry: JournalEntry): string | null {
    this.statements.mark.run();
    try {
      this.apply(entry);
      return null;
    } catch (error) {
      if (isDiskFault(error)) throw error;
      this.statements.backToMark.run();
      this.tellRollback();
      return error instanceof Error ? error.message : String(error);
    } finally {
      if (this.database.inTransaction) this.statements.keep.run();
    }
  }

  private transact<T>(work: () => T): T {
    // Open only if it could not even be rolled back; as long as that is so nothing else can begin.
    if (this.database.inTransaction) this.statements.rollback.run();
    this.statements.begin.run();
    try {
      const result = work();
      this.statements.commit.run();
      return result;
    } catch (error) {
      this.tellRollback(); // SQLite may have rolled back by itself
      this.tryToRollBack();
      throw error;
    }
  }

  private tryToRollBack(): void {
    try {
      if (this.database.inTransaction) this.statements.rollback.run();
    } catch {
      // What came before it is the reason to tell; the next batch tries again.
    }
  }

  private tellRollback(): void {
    for (const applier of this.appliers.values()) applier.rolledBack();
  }
}

function isDiskFault(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && DISK_FAULTS.test(code);
}
