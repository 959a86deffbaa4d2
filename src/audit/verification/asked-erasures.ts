import type { Database } from 'better-sqlite3';
import type { Act } from '../../journal/acts.js';
import { subjectOf, type ErasureAsked, type ErasureDone } from '../retention/erasure-acts.js';

/** What the acts say of one erasure. */
export interface ErasureActs {
  asked?: Pick<Act, 'seq' | 'time'> & ErasureAsked;
  done?: ErasureDone;
}

interface Row {
  id: string;
  time: number;
  state: string;
  reason: string | null;
  payloadsOnly: number;
  principal: string | null;
  records: string | null;
  erased: number;
  held: number;
  salt: Buffer | null;
}

/**
 * Holds the table of erasures against the acts that asked for them and say how they ended.
 * @returns what does not fit
 */
export function strayErasure(
  database: Database,
  acts: ReadonlyMap<string, ErasureActs>,
): { seq: number; reason: string } | null {
  const first = Math.min(...[...acts.values()].map(({ asked }) => asked?.time ?? Infinity));
  const missing = new Map(acts);
  const rows = database.prepare(
    `SELECT id, time, state, reason, payloads_only AS payloadsOnly, principal, records, erased, held, salt FROM audit_erasures`,
  );
  for (const row of rows.iterate() as IterableIterator<Row>) {
    const { asked, done } = acts.get(row.id) ?? {};
    missing.delete(row.id);
    if (!asked) {
      // Those that were over before there were acts of them are on record only in the table.
      if (row.state === 'done' && row.time < first) continue;
      return { seq: 0, reason: `no act on record asks for the erasure ${row.id}` };
    }
    if (!isAsAsked(row, asked) || !isAsFar(row, asked, done))
      return { seq: asked.seq, reason: `the erasure ${row.id} was changed` };
  }
  for (const [id, { asked }] of missing)
    if (asked) return { seq: asked.seq, reason: `the erasure ${id} was removed` };
  return null;
}

function isAsAsked({ time, reason, payloadsOnly }: Row, asked: NonNullable<ErasureActs['asked']>): boolean {
  return (
    time === asked.time && reason === (asked.why ?? null) && payloadsOnly === (asked.payloadsOnly ? 1 : 0)
  );
}

/** What is to go is known as long as it is not gone, and how much went once it is. */
function isAsFar(
  { state, principal, records, erased, held, salt }: Row,
  { of }: ErasureAsked,
  done: ErasureDone | undefined,
): boolean {
  if (done) return state !== 'running' && erased === done.erased && held === done.held;
  return state === 'running' && Buffer.isBuffer(salt) && subjectOf(salt, principal, records) === of;
}
