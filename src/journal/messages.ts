/**
 * The contract between the main thread and the journal thread.
 * `commit` takes a batch of entries and answers, once the batch is on disk, with `CommitAnswer`;
 * `probe` writes one harmless row, to learn whether the disk takes writes again; `close` ends the thread.
 */

/** One thing to put on record: what kind it is (which says who applies it) and its content, in the kind's own form. */
export type JournalEntry = readonly [kind: string, payload: unknown];

/** `null`: all entries are on disk. Else one value an entry: `null` for those on disk, a reason for those refused. */
export type CommitAnswer = null | readonly (string | null)[];

/** What the journal thread is started with. */
export interface JournalThreadData {
  dataDir: string;
}

/** Writes the entries of one kind inside the journal's transaction. It must not commit, and keeps no state that a rollback would falsify. */
export interface Applier {
  apply(payload: unknown): void;
  /** The transaction that held the last entries did not commit: forget what was learnt in it. */
  rolledBack(): void;
}
