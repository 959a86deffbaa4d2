import type { Database } from 'better-sqlite3';
import { actLeaf, type Act } from '../../journal/acts.js';
import type { ErasureAsked, ErasureDone } from '../retention/erasure-acts.js';
import type { ErasureActs } from './asked-erasures.js';

type Range = readonly [first: number, last: number];

/** What the acts on record say: where the chain begins, and what was erased with its knowledge. */
export interface Acts {
  /** The last `seq` that is not in the chain, and the head there. */
  start: { seq: number; head: Buffer };
  /** `seq` of the last record from before there was a chain. */
  before: number;
  /** Whether it is on record that a record, or its payload, is gone. */
  erased: (seq: number) => boolean;
  payloadErased: (seq: number) => boolean;
  /** Erasures on request, by their ids. */
  requests: ReadonlyMap<string, ErasureActs>;
}

/** What is wrong with an act. */
export interface BadAct {
  seq: number;
  reason: string;
}

/** Reads all acts; they are few. */
export function readActs(database: Database): Acts | BadAct {
  const acts = database
    .prepare('SELECT seq, time, kind, detail, leaf FROM journal_acts ORDER BY seq')
    .all() as (Act & { leaf: Buffer })[];
  const records: Range[] = [];
  const payloads: Range[] = [];
  const requests = new Map<string, ErasureActs>();
  let before: number | undefined;
  let start: Acts['start'] | undefined;
  for (const act of acts) {
    const detail = Buffer.isBuffer(act.leaf) && actLeaf(act).equals(act.leaf) ? parsed(act.detail) : null;
    if (!detail) return { seq: act.seq, reason: 'an act on record was changed' };
    if (act.kind === 'begun' && before === undefined) {
      before = detail.after as number;
      start = { seq: before, head: Buffer.alloc(32) };
    } else if (act.kind === 'pruned') {
      start = { seq: detail.through as number, head: Buffer.from(detail.head as string, 'hex') };
    } else if (act.kind === 'erased') {
      // An act can only speak of what was there before it.
      const past = (ranges: unknown): Range[] =>
        ((ranges as Range[] | undefined) ?? []).map(([first, last]) => [first, Math.min(last, act.seq - 1)]);
      records.push(...past(detail.records));
      payloads.push(...past(detail.payloads));
    } else if (act.kind === 'erasureAsked') {
      const asked = { seq: act.seq, time: act.time, ...(detail as unknown as ErasureAsked) };
      requests.set(asked.erasure, { asked });
    } else if (act.kind === 'erasureDone') {
      const done = detail as unknown as ErasureDone;
      requests.set(done.erasure, { ...requests.get(done.erasure), done });
    }
  }
  if (before === undefined || !start) return { seq: 1, reason: 'the act that began the chain was removed' };
  return { before, start, erased: within(records), payloadErased: within(payloads), requests };
}

function parsed(text: unknown): Record<string, unknown> | null {
  try {
    return JSON.parse(String(text)) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

/** Whether a number lies in one of the ranges, which may overlap. */
function within(ranges: Range[]): (seq: number) => boolean {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [first, last] of sorted) {
    const end = joined.at(-1);
    if (end && first <= end[1] + 1) end[1] = Math.max(end[1], last);
    else joined.push([first, last]);
  }
  return (seq) => {
    let low = 0;
    let high = joined.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((joined[middle] as Range)[1] < seq) low = middle + 1;
      else high = middle;
    }
    const found = joined[low];
    return found !== undefined && found[0] <= seq;
  };
}
