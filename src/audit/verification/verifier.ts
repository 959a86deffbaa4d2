import type { Database } from 'better-sqlite3';
import { MIGRATIONS } from '../../database/migrations/index.js';
import { headOf } from '../../journal/chain.js';
import { isGenuine, type Checkpoint } from '../../journal/checkpoints.js';
import { firstIdAt } from '../id.js';
import type { RecordRange } from '../record-range.js';
import { outcomeLinks } from '../outcomes/outcome-links.js';
import { strayErasure } from './asked-erasures.js';
import { readActs, type Acts } from './erasures.js';
import { actLinks, Links, recordLinks, tombstoneLinks, type Link } from './links.js';

/** The checkpoints that were kept, and the key (PEM) that their signatures are held against. */
export interface Witness {
  checkpoints: readonly Checkpoint[];
  publicKey: string | null;
  /** Why the checkpoints cannot be read, if they cannot. */
  damage?: string;
}

export interface BadRecord {
  seq: number;
  /** Of the record; null where it is gone or was none. */
  id: string | null;
  reason: string;
}

export type Verdict =
  { valid: true; records: number; head: string } | { valid: false; records: number; firstBad: BadRecord };

interface Commit {
  last_seq: number;
  time: number;
  head: Buffer;
}

/** Something does not fit. */
class Misfit extends Error {
  constructor(readonly bad: BadRecord) {
    super(bad.reason);
  }
}

/**
 * Recomputes the chain from what is on record now, and holds it against what was written then: every leaf, every head, the tip, and
 * the checkpoints. Names the first thing that does not fit. Reads in one transaction and in constant memory. `progress` hears after
 * each commit how many entries of how many are done.
 */
export class Verifier {
  private records = 0;

  constructor(
    private readonly database: Database,
    private readonly witness: Witness = { checkpoints: [], publicKey: null },
    private readonly progress: (done: number, total: number) => void = () => undefined,
  ) {}

  /** @param range widened to whole commits */
  verify(range: RecordRange = {}): Verdict {
    this.records = 0;
    try {
      const head = this.database.transaction(() => this.walk(range))();
      return { valid: true, records: this.records, head: head.toString('hex') };
    } catch (error) {
      if (error instanceof Misfit) return { valid: false, records: this.records, firstBad: error.bad };
      const gone = goneFromRecord(this.database, error);
      if (gone === null) throw error;
      const firstBad = { seq: 0, id: null, reason: `the ${gone} was removed from the file` };
      return { valid: false, records: this.records, firstBad };
    }
  }

  /** @returns the head at the end of what was looked at. @throws Misfit */
  private walk(range: RecordRange): Buffer {
    const { damage } = this.witness;
    if (damage !== undefined) throw new Misfit({ seq: 0, id: null, reason: damage });
    const acts = readActs(this.database);
    if ('reason' in acts) throw new Misfit({ seq: acts.seq, id: null, reason: acts.reason });
    this.checkBefore(acts);
    const start = this.startOf(range, acts);
    const end = this.endOf(range);
    const checkpoints = this.checkpointsBySeq();
    const met = new Set<number>();
    let { seq, head } = start;
    const total = this.lastCommit() - seq;
    checkpoints.get(seq)?.forEach((one) => this.checkHead(one, head, null));
    const commits = this.database.prepare(
      'SELECT last_seq, time, head FROM journal_commits WHERE last_seq > ? ORDER BY last_seq',
    );
    const links = new Links([
      recordLinks(this.database, seq),
      outcomeLinks(this.database, seq),
      actLinks(this.database, seq),
      tombstoneLinks(this.database, seq),
    ]);
    try {
      for (const commit of commits.iterate(seq) as IterableIterator<Commit>) {
        if (seq >= end) break;
        const first = links.peek;
        const leaves = this.leavesUpTo(commit.last_seq, seq + 1, links, acts);
        const computed = headOf(head, commit.last_seq, commit.time, leaves);
        if (!Buffer.isBuffer(commit.head) || !computed.equals(commit.head))
          throw new Misfit({
            seq: seq + 1,
            id: first?.id ?? null,
            reason: `the records up to ${commit.last_seq} do not fit the head of their commit`,
          });
        checkpoints.get(commit.last_seq)?.forEach((one) => this.checkHead(one, computed, first));
        if (checkpoints.delete(commit.last_seq)) met.add(commit.last_seq);
        seq = commit.last_seq;
        head = computed;
        this.progress(seq - start.seq, total);
      }
      if (seq < end) this.checkEnd(seq, head, links.peek);
    } finally {
      links.close();
    }
    this.checkMet(start.seq, seq, met);
    this.checkPayloads(
      range.from ? start.seq : Number.MIN_SAFE_INTEGER,
      range.to ? seq : Number.MAX_SAFE_INTEGER,
    );
    this.checkErasures(acts);
    return head;
  }

  /** The table of erasures says what the acts say. */
  private checkErasures({ requests }: Acts): void {
    // An older Oriel asked for them without an act.
    if (!isOfThisVersion(this.database) && requests.size === 0) return;
    const stray = strayErasure(this.database, requests);
    if (stray) throw new Misfit({ ...stray, id: null });
  }

  /** The leaves of one commit. There is exactly one thing at each `seq`. */
  private leavesUpTo(last: number, first: number, links: Links, acts: Acts): Buffer[] {
    const leaves: Buffer[] = [];
    for (let expected = first; expected <= last; expected++) {
      const found = links.take();
      if (found?.seq !== expected)
        throw new Misfit({ seq: expected, id: null, reason: 'the record was removed' });
      leaves.push(this.check(found, acts));
      if (links.peek?.seq === expected) throw misfit(links.peek, 'the record was inserted');
    }
    return leaves;
  }

  private check(link: Link, acts: Acts): Buffer {
    const { seq, stored, computed, kind } = link;
    if (kind === 'tombstone') {
      if (!acts.erased(seq)) throw misfit(link, 'the record was removed, and no erasure on record says so');
      return stored;
    }
    if (!computed?.equals(stored)) throw misfit(link, 'the record was changed');
    if (link.withoutPayload && !acts.payloadErased(seq))
      throw misfit(link, 'its input and output were removed, and no erasure on record says so');
    if (kind === 'record') this.records++;
    return computed;
  }

  /** Nothing may lie before the beginning of the chain but what was there before it. */
  private checkBefore({ start, before }: Acts): void {
    const planted = this.database
      .prepare(
        `SELECT seq FROM audit_requests WHERE seq <= ? AND (leaf IS NOT NULL OR seq > ? OR seq < 1)
         UNION ALL SELECT seq FROM journal_tombstones WHERE seq <= ? ORDER BY 1 LIMIT 1`,
      )
      .pluck()
      .get(start.seq, before, start.seq) as number | undefined;
    if (planted !== undefined)
      throw new Misfit({ seq: planted, id: null, reason: 'the record was inserted' });
  }

  /** A payload belongs to a record. */
  private checkPayloads(after: number, last: number): void {
    const stray = this.database
      .prepare(
        `SELECT p.seq FROM audit_payloads p WHERE p.seq > ? AND p.seq <= ?
         AND NOT EXISTS (SELECT 1 FROM audit_requests r WHERE r.seq = p.seq) ORDER BY p.seq LIMIT 1`,
      )
      .pluck()
      .get(after, last) as number | undefined;
    if (stray !== undefined)
      throw new Misfit({ seq: stray, id: null, reason: 'the input and output of no record were inserted' });
  }

  /** A checkpoint is of the end of a commit, so each within what was looked at was met there. */
  private checkMet(after: number, last: number, met: ReadonlySet<number>): void {
    const missed = this.witness.checkpoints.find(({ seq }) => seq > after && seq <= last && !met.has(seq));
    if (missed)
      throw new Misfit({
        seq: missed.seq,
        id: null,
        reason: `there is no commit that ends where the checkpoint of ${missed.time} says`,
      });
  }

  /** What comes after the last commit was never committed; where the tip or a checkpoint says more, the end was cut off. */
  private checkEnd(seq: number, head: Buffer, more: Link | null): void {
    if (more) throw misfit(more, 'the record was inserted after the last commit');
    const tip = this.database.prepare('SELECT seq, head FROM journal_tip').get() as
      { seq: number; head: Buffer } | undefined;
    if (tip?.seq !== seq || !Buffer.isBuffer(tip.head) || !tip.head.equals(head))
      throw new Misfit({
        seq: seq + 1,
        id: null,
        reason: 'the record does not end where it did: its last commits were removed',
      });
    const later = this.witness.checkpoints.find((one) => one.seq > seq);
    if (later)
      throw new Misfit({
        seq: seq + 1,
        id: null,
        reason: `the end of the record was removed: the checkpoint of ${later.time} is of ${later.seq}`,
      });
  }

  private checkpointsBySeq(): Map<number, Checkpoint[]> {
    const { checkpoints, publicKey } = this.witness;
    const bySeq = new Map<number, Checkpoint[]>();
    for (const one of checkpoints) {
      if (publicKey !== null && !isGenuine(one, publicKey))
        throw new Misfit({
          seq: one.seq,
          id: null,
          reason: `the checkpoint of ${one.time} is not signed by this key`,
        });
      bySeq.set(one.seq, [...(bySeq.get(one.seq) ?? []), one]);
    }
    return bySeq;
  }

  private checkHead(checkpoint: Checkpoint, head: Buffer, first: Link | null): void {
    if (checkpoint.head === head.toString('hex')) return;
    throw new Misfit({
      seq: first?.seq ?? checkpoint.seq,
      id: first?.id ?? null,
      reason: `the record up to ${checkpoint.seq} is not what was signed at ${checkpoint.time}`,
    });
  }

  private startOf({ from }: RecordRange, { start }: Acts): Acts['start'] {
    if (!from) return start;
    const column = 'seq' in from ? 'last_seq' : 'time';
    const commit = this.database
      .prepare(
        `SELECT last_seq, time, head FROM journal_commits WHERE ${column} < ? AND last_seq > ? ORDER BY last_seq DESC LIMIT 1`,
      )
      .get('seq' in from ? from.seq : from.time, start.seq) as Commit | undefined;
    if (!commit) return start;
    if (!Buffer.isBuffer(commit.head))
      throw new Misfit({ seq: commit.last_seq, id: null, reason: 'the head of its commit was changed' });
    return { seq: commit.last_seq, head: commit.head };
  }

  private lastCommit(): number {
    return this.database.prepare('SELECT max(last_seq) FROM journal_commits').pluck().get() as number;
  }

  /** The last `seq` to look at; its whole commit is. */
  private endOf({ to }: RecordRange): number {
    if (!to) return Infinity;
    if ('seq' in to) return to.seq - 1;
    const last = this.database
      .prepare(
        'SELECT max(seq) FROM (SELECT seq FROM audit_requests WHERE id < ? ORDER BY id DESC LIMIT 1000)',
      )
      .pluck()
      .get(firstIdAt(to.time)) as number | null;
    return last ?? 0;
  }
}

/**
 * The table or column of the record that somebody removed, where that is why it cannot be read; null for any other error, for a
 * database that never was a record, and for one of an older Oriel, which never had it.
 */
function goneFromRecord(database: Database, error: unknown): string | null {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  const [, what, name] = /^no such (table|column): (?:\w+\.)?(\w+)$/.exec(message) ?? [];
  if (code !== 'SQLITE_ERROR' || what === undefined || name === undefined) return null;
  return isOfThisVersion(database) ? `${what} ${name}` : null;
}

function isOfThisVersion(database: Database): boolean {
  try {
    const newest = MIGRATIONS.at(-1)?.name;
    return database.prepare('SELECT 1 FROM migrations WHERE name = ?').get(newest) !== undefined;
  } catch {
    return false;
  }
}

function misfit({ seq, id }: Link, reason: string): Misfit {
  return new Misfit({ seq, id, reason });
}
