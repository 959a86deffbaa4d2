import type { Database, Statement } from 'better-sqlite3';
import { uuidToBytes } from '../id.js';
import { newSalt, subjectOf, type ErasureAsked, type ErasureDone } from './erasure-acts.js';
import type { Holds } from './holds.js';
import { MAX_ERASURES, type Erasure, type ErasureRequest } from './messages.js';
import type { Remover } from './remover.js';

interface Job {
  id: string;
  principal: string | null;
  records: string | null;
  payloadsOnly: number;
  reason: string | null;
}

/** What a step did for an erasure. */
export interface Advanced {
  id: string;
  reason: string | null;
  /** Once all of it is gone. */
  done?: ErasureDone;
}

/** The one under way. */
interface Current {
  id: string;
  /** Up to where it looked. */
  at: number;
  /** Callers that records are still left of. */
  used: Set<number>;
  /** Up to which of the principal's callers all are gone that nothing is left of. */
  dropped: CallerKey;
}

type CallerKey = readonly [source: string, userAgent: string];
const FIRST_CALLER: CallerKey = ['', ''];

interface CallerRow {
  id: number;
  source: string;
  userAgent: string;
}

interface Scanned {
  seq: number;
  caller: number;
  /** 1 for a record of the principal. */
  mine: number;
}

/** Records that are looked at between two looks at the clock, and removed in one go; and bytes of their payloads. */
const CHUNK = 20;
const CHUNK_BYTES = 2 ** 20;
const SCANNED = 500;
/** Callers that are looked up at once. */
const CALLERS = 200;

const COLUMNS = 'id, time, state, reason, payloads_only AS payloadsOnly, erased, held';

/** How an erasure gets on; null for one that nobody asked for. */
export function erasureOf(database: Database, id: string): Erasure | null {
  const row = database.prepare(`SELECT ${COLUMNS} FROM audit_erasures WHERE id = ?`).get(id) as
    (Omit<Erasure, 'payloadsOnly'> & { payloadsOnly: number }) | undefined;
  return row ? { ...row, payloadsOnly: row.payloadsOnly === 1 } : null;
}

/**
 * Erasures on request, oldest first, in steps. They are kept in a table, so that they go on after a restart (a started one then
 * looks through all records again; those that are gone cost nothing). Lives in the journal thread, inside its transaction.
 */
export class Erasures {
  private current: Current | undefined;
  private readonly statements;

  constructor(
    database: Database,
    private readonly remover: Remover,
    private readonly holds: Holds,
    /** Callers are gone: what knows their ids must forget them. */
    private readonly forgetCallers: () => void,
  ) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      open: one("SELECT count(*) FROM audit_erasures WHERE state <> 'done'").pluck(),
      ask: one(
        `INSERT INTO audit_erasures (id, time, state, reason, payloads_only, principal, records, salt, erased, held)
         VALUES (?, ?, 'running', ?, ?, ?, ?, ?, 0, 0)`,
      ),
      next: one(
        `SELECT id, principal, records, payloads_only AS payloadsOnly, reason FROM audit_erasures
         WHERE state = 'running' ORDER BY time, id LIMIT 1`,
      ),
      begin: one('UPDATE audit_erasures SET held = 0 WHERE id = ?'),
      count: one('UPDATE audit_erasures SET erased = erased + ?, held = held + ? WHERE id = ?'),
      seal: one(
        "UPDATE audit_erasures SET state = 'sealing', principal = NULL, records = NULL, salt = NULL WHERE id = ?",
      ),
      counts: one('SELECT id AS erasure, erased, held FROM audit_erasures WHERE id = ?'),
      sealing: one("SELECT count(*) FROM audit_erasures WHERE state = 'sealing'").pluck(),
      done: one("UPDATE audit_erasures SET state = 'done' WHERE state = 'sealing'"),
      callers: one(
        `SELECT id, source, user_agent AS userAgent FROM audit_callers
         WHERE principal = ? AND (source, user_agent) >= (?, ?) ORDER BY source, user_agent LIMIT ${CALLERS}`,
      ),
      scan: one(
        `SELECT r.seq AS seq, r.caller_id AS caller, c.principal IS ? AS mine
         FROM audit_requests r LEFT JOIN audit_callers c ON c.id = r.caller_id
         WHERE r.seq > ? ORDER BY r.seq LIMIT ${SCANNED}`,
      ),
      seqOf: one('SELECT seq FROM audit_requests WHERE id = ?').pluck(),
      dropCaller: one('DELETE FROM audit_callers WHERE id = ?'),
    };
  }

  /** Takes a request in. @returns what is to be on record of it; undefined when too many are not done yet */
  ask(request: ErasureRequest, now: number): ErasureAsked | undefined {
    if ((this.statements.open.get() as number) >= MAX_ERASURES) return undefined;
    const { id, reason, payloadsOnly, principal, records } = request;
    const ids = records ? JSON.stringify(records) : null;
    const salt = newSalt();
    this.statements.ask.run(id, now, reason, payloadsOnly ? 1 : 0, principal ?? null, ids, salt);
    const of = subjectOf(salt, principal ?? null, ids);
    return { erasure: id, payloadsOnly, ...(reason === null ? {} : { why: reason }), of };
  }

  /** Does some of the oldest one. @returns what became of it; undefined when none is under way */
  advance(deadline: number): Advanced | undefined {
    const job = this.statements.next.get() as Job | undefined;
    if (!job) return undefined;
    const { id, reason, records } = job;
    const done =
      records === null
        ? this.advancePrincipal(job, deadline)
        : this.advanceRecords(job, JSON.parse(records) as string[], deadline);
    return done ? { id, reason, done: this.finish(job) } : { id, reason };
  }

  /** Whether content of one that has gone may still be in the write-ahead log. */
  get sealing(): boolean {
    return (this.statements.sealing.get() as number) > 0;
  }

  sealed(): void {
    this.statements.done.run();
  }

  forget(): void {
    this.current = undefined;
  }

  private begin(job: Job): NonNullable<typeof this.current> {
    if (this.current?.id === job.id) return this.current;
    this.statements.begin.run(job.id);
    return (this.current = { id: job.id, at: 0, used: new Set(), dropped: FIRST_CALLER });
  }

  /** @returns whether all of it is gone */
  private advanceRecords(job: Job, ids: readonly string[], deadline: number): boolean {
    const current = this.begin(job);
    while (current.at < ids.length && performance.now() <= deadline) {
      const chunk = ids.slice(current.at, current.at + CHUNK).map((id) => this.seqOf(id));
      const seqs = chunk.filter((seq) => seq !== undefined);
      const past = this.erase(job, seqs, deadline, () => undefined);
      if (past === 'all') current.at += chunk.length;
      else if (past > 0) current.at += chunk.indexOf(seqs[past - 1]) + 1;
    }
    return current.at >= ids.length;
  }

  /** @returns whether all of it is gone */
  private advancePrincipal(job: Job, deadline: number): boolean {
    const current = this.begin(job);
    for (;;) {
      const rows = this.statements.scan.all(job.principal, current.at) as Scanned[];
      const callerOf = new Map(rows.map(({ seq, caller }) => [seq, caller]));
      const mine = rows.filter(({ mine }) => mine === 1).map(({ seq }) => seq);
      // Who came again since callers began to go may have one behind those that are gone.
      if (mine.length > 0) current.dropped = FIRST_CALLER;
      for (let from = 0; from < mine.length;) {
        const seqs = mine.slice(from, from + CHUNK);
        const past = this.erase(job, seqs, deadline, (seq) => current.used.add(callerOf.get(seq) as number));
        const count = past === 'all' ? seqs.length : past;
        if (count > 0) current.at = seqs[count - 1] as number;
        from += count;
        if (performance.now() > deadline) return false;
      }
      current.at = rows.at(-1)?.seq ?? current.at;
      if (rows.length < SCANNED) break;
      if (performance.now() > deadline) return false;
    }
    // All that is on record was looked at, in this transaction: nobody can come between.
    return this.dropCallers(job, current, deadline);
  }

  /** @returns false when the time was up first */
  private dropCallers({ principal }: Job, current: Current, deadline: number): boolean {
    let gone = false;
    try {
      for (;;) {
        const callers = this.statements.callers.all(principal, ...current.dropped) as CallerRow[];
        for (const { id, source, userAgent } of callers) {
          current.dropped = [source, userAgent];
          if (!current.used.has(id)) {
            this.statements.dropCaller.run(id);
            gone = true;
          }
          if (performance.now() > deadline) return false;
        }
        if (callers.length < CALLERS) return true;
      }
    } finally {
      if (gone) this.forgetCallers();
    }
  }

  /**
   * Erases the first of some records that are not held.
   * @param left told of those that stay on record
   * @returns how many it came past
   */
  private erase(
    { id, payloadsOnly }: Job,
    seqs: readonly number[],
    deadline: number,
    left: (seq: number) => void,
  ): number | 'all' {
    const going: number[] = [];
    let held = 0;
    let past = 0;
    let bytes = 0;
    for (const seq of seqs) {
      if (bytes > CHUNK_BYTES) break;
      if (this.holds.hold(seq)) {
        held++;
        left(seq);
      } else {
        if (!this.remover.removeOutcomes(seq, deadline)) break;
        bytes += this.remover.sizeOf(seq);
        going.push(seq);
        if (payloadsOnly) left(seq);
      }
      past++;
    }
    let erased = going.length;
    if (payloadsOnly) erased = this.remover.erasePayloadsThoroughly(going);
    else this.remover.removeThoroughly(going);
    if (erased > 0 || held > 0) this.statements.count.run(erased, held, id);
    return past === seqs.length ? 'all' : past;
  }

  private finish({ id }: Job): ErasureDone {
    this.statements.seal.run(id);
    this.current = undefined;
    return this.statements.counts.get(id) as ErasureDone;
  }

  private seqOf(id: string): number | undefined {
    return this.statements.seqOf.get(uuidToBytes(id)) as number | undefined;
  }
}
