/**
 * The contract between the main thread and the journal thread.
 * `commit` takes a batch of entries and answers, once the batch is on disk, with `CommitReply`;
 * `probe` writes one harmless row, to learn whether the disk takes writes again; `key` answers with the `PublicKey`;
 * `tip` answers with the last `seq` on record; `checkpoint` signs where the chain ends, and answers with the `Checkpoint`, or null when there is nothing new; `close` ends the thread.
 */

/** One thing to put on record: what kind it is (which says who applies it) and its content, in the kind's own form. */
export type JournalEntry = readonly [kind: string, payload: unknown];

/** What became of one entry: on disk, with what its applier says of it if anything, or refused for a reason. */
export type EntryAnswer = null | { result: unknown } | { refused: string };

/** `null`: all entries are on disk, and there is nothing to say of any. Else one answer an entry. */
export type CommitAnswer = null | readonly EntryAnswer[];

/** What the thread says of a batch that is on disk. */
export interface CommitReply {
  answers: CommitAnswer;
  /** The last that is on record now. */
  seq: number;
  /** Milliseconds that the transaction took, with the wait for the disk. */
  ms: number;
}

/** What the journal thread is started with. */
export interface JournalThreadData {
  dataDir: string;
  /** It takes the place of one that died: there is a database, and none may be made in its stead. */
  again: boolean;
}

/** Where in the chain the next thing goes that is put on record. */
export interface Place {
  /** Its `seq`. */
  readonly next: number;
  /** Puts it there: its leaf (`leafOf`) is now part of the commit. */
  take(leaf: Buffer): void;
}

/** Writes the entries of one kind inside the journal's transaction. It must not commit, and keeps no state that a rollback would falsify. */
export interface Applier {
  /** @returns what the caller is told, if anything; it must not be a promise */
  apply(payload: unknown, place: Place): unknown;
  /** The transaction that held the last entries did not commit: forget what was learnt in it. */
  rolledBack(): void;
  /**
   * Writes what it has put off: called inside the transaction, after the last entry of a batch, or after each entry where they are
   * written one by one. Only then is an entry written whole, so what it throws keeps those entries out.
   */
  flush?(): void;
}
