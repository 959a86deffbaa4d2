import type { Database } from 'better-sqlite3';
import { ChainWriter, type Tip } from './chain-writer.js';
import type { Applier, CommitAnswer, EntryAnswer, JournalEntry, Place } from './messages.js';

/** Reasons of the disk or the file: nothing of the batch can be written now. Anything else is the fault of one entry. */
const DISK_FAULTS = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CORRUPT|NOTADB|CANTOPEN|PERM|NOMEM|PROTOCOL)/;

/** Commits batches of entries: one transaction, and so one wait for the disk, a batch. Lives in the journal thread. */
export class JournalWriter {
  private readonly appliers: ReadonlyMap<string, Applier>;
  private readonly statements;
  private readonly chain: ChainWriter;

  constructor(
    private readonly database: Database,
    appliers: Readonly<Record<string, Applier>>,
  ) {
    this.appliers = new Map(Object.entries(appliers));
    this.chain = new ChainWriter(database);
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
   * @param now when, in epoch milliseconds
   * @throws the database's error when the disk or the file takes no writes; nothing of the batch is then on disk
   */
  commit(entries: readonly JournalEntry[], now = Date.now()): CommitAnswer {
    try {
      const answers = this.transact(() => {
        const applied = entries.map((entry) => this.apply(entry));
        this.flush();
        return applied;
      }, now);
      return answers.some((answer) => answer !== null) ? answers : null;
    } catch (error) {
      if (isDiskFault(error)) throw error;
    }
    return this.transact(() => entries.map((entry) => this.tryToApply(entry)), now);
  }

  /** @throws the database's error when it takes no writes */
  probe(): void {
    this.transact(() => this.statements.touch.run());
  }

  /** Where the chain of all that is on disk ends. */
  get tip(): Tip {
    return this.chain.end;
  }

  /** Does work of its own in a transaction, and may put things on record in it. @throws whatever `work` throws; nothing of it is then on disk */
  within<T>(work: (place: Place) => T): T {
    return this.transact(() => work(this.chain));
  }

  private apply([kind, payload]: JournalEntry): EntryAnswer {
    const applier = this.appliers.get(kind);
    if (!applier) throw new Error(`nobody applies entries of the kind ${kind}`);
    const result = applier.apply(payload, this.chain);
    return result === undefined ? null : { result };
  }

  private flush(): void {
    for (const applier of this.appliers.values()) applier.flush?.();
  }

  private tryToApply(entry: JournalEntry): EntryAnswer {
    this.statements.mark.run();
    const { mark } = this.chain;
    try {
      const answer = this.apply(entry);
      this.flush();
      return answer;
    } catch (error) {
      if (isDiskFault(error)) throw error;
      this.statements.backToMark.run();
      this.chain.backTo(mark);
      this.tellRollback();
      return { refused: error instanceof Error ? error.message : String(error) };
    } finally {
      if (this.database.inTransaction) this.statements.keep.run();
    }
  }

  private transact<T>(work: () => T, now = Date.now()): T {
    // Open only if it could not even be rolled back; as long as that is so nothing else can begin.
    if (this.database.inTransaction) this.statements.rollback.run();
    this.statements.begin.run();
    try {
      const result = work();
      const tip = this.chain.close(now);
      this.statements.commit.run();
      this.chain.closed(tip);
      return result;
    } catch (error) {
      this.chain.backTo(0);
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
