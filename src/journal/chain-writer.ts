import type { Database, Statement } from 'better-sqlite3';
import { FIRST_HEAD, headOf } from './chain.js';
import type { Place } from './messages.js';

/** Where the chain ends: the last `seq` that is on record, and the head over all of it. */
export interface Tip {
  seq: number;
  head: Buffer;
}

/** Gives what is put on record its place in the chain, and closes each commit with its head. Lives in the journal thread. */
export class ChainWriter implements Place {
  private tip: Tip;
  private leaves: Buffer[] = [];
  private readonly statements: Record<'tip' | 'commit' | 'move', Statement>;

  constructor(database: Database) {
    this.statements = {
      tip: database.prepare('SELECT seq, head FROM journal_tip'),
      commit: database.prepare('INSERT INTO journal_commits (last_seq, time, head) VALUES (?, ?, ?)'),
      move: database.prepare('UPDATE journal_tip SET seq = ?, head = ?'),
    };
    this.tip = (this.statements.tip.get() as Tip | undefined) ?? { seq: 0, head: FIRST_HEAD };
  }

  /** What the next thing on record will be counted as. */
  get next(): number {
    return this.tip.seq + this.leaves.length + 1;
  }

  take(leaf: Buffer): void {
    this.leaves.push(leaf);
  }

  /** How far this commit has come, to go back to. */
  get mark(): number {
    return this.leaves.length;
  }

  backTo(mark: number): void {
    this.leaves.length = mark;
  }

  /** Writes the head of this commit, as its last statement. @returns the tip that holds once it is on disk */
  close(now: number): Tip {
    if (this.leaves.length === 0) return this.tip;
    const seq = this.next - 1;
    const head = headOf(this.tip.head, seq, now, this.leaves);
    this.statements.commit.run(seq, now, head);
    this.statements.move.run(seq, head);
    return { seq, head };
  }

  /** The commit is on disk. */
  closed(tip: Tip): void {
    this.tip = tip;
    this.leaves = [];
  }

  get end(): Tip {
    return this.tip;
  }
}
