import type { Database, Statement } from 'better-sqlite3';

/** Most tombstones and commits that one step drops (more only where a single commit holds more). */
const TOMBSTONES = 4000;
const COMMITS = 1000;

/** What an act of the kind `pruned` says: up to which `seq` all is gone, the head there, and how many commits went. */
export interface Pruned {
  through: number;
  head: string;
  commits: number;
}

/** Drops tombstones and commits before the first thing that is still on record. Lives in the journal thread, inside its transaction. */
export class Prefix {
  private readonly statements: Record<
    'first' | 'record' | 'outcome' | 'after' | 'commits' | 'dropTombstones' | 'dropCommits',
    Statement
  >;

  constructor(database: Database) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      first: one('SELECT min(seq) FROM journal_tombstones').pluck(),
      record: one('SELECT min(seq) FROM audit_requests').pluck(),
      outcome: one('SELECT min(seq) FROM audit_outcomes').pluck(),
      after: one(`SELECT seq FROM journal_tombstones ORDER BY seq LIMIT 1 OFFSET ?`).pluck(),
      commits: one(
        `SELECT last_seq AS through, head FROM journal_commits WHERE last_seq < ? ORDER BY last_seq LIMIT ?`,
      ),
      dropTombstones: one('DELETE FROM journal_tombstones WHERE seq <= ?'),
      dropCommits: one('DELETE FROM journal_commits WHERE last_seq <= ?'),
    };
  }

  /**
   * Drops some.
   * @param share of the most that may be dropped at once
   * @returns what to put on record of it; undefined where there is nothing to drop
   */
  drop(share: number): Pruned | undefined {
    const { first, record, outcome, after, commits } = this.statements;
    const tombstone = first.get() as number | null;
    if (tombstone === null) return undefined;
    const kept = Math.min(...[record, outcome].map((one) => (one.get() as number | null) ?? Infinity));
    const rows = commits.all(Math.min(kept, Number.MAX_SAFE_INTEGER), Math.ceil(COMMITS * share)) as {
      through: number;
      head: Buffer;
    }[];
    const short = (after.get(Math.ceil(TOMBSTONES * share)) as number | undefined) ?? Infinity;
    const gone = rows.filter(({ through }, index) => index === 0 || through < short);
    const last = gone.at(-1);
    // A prefix of acts alone is left as it is: else each act that tells of one would be the next.
    if (!last || last.through < tombstone) return undefined;
    this.statements.dropTombstones.run(last.through);
    this.statements.dropCommits.run(last.through);
    return { through: last.through, head: last.head.toString('hex'), commits: gone.length };
  }
}
