import type { Database, Statement } from 'better-sqlite3';
import { leafOf } from './chain.js';
import type { Place } from './messages.js';

/**
 * What was done to the record itself, which is on record too: `begun` (after which `seq` the chain begins, and which key signs its
 * checkpoints), `key` (another one signs from now on), `pruned` (up to where records are gone, and the head there), `erased` (which ones are gone, or their payloads),
 * `erasureAsked` and `erasureDone` (of an erasure on request), `hold` and `release` (of a legal hold), `keyMade` and `keyRevoked`
 * (of a key by which callers say who they are).
 */
export type ActKind =
  | 'begun'
  | 'key'
  | 'pruned'
  | 'erased'
  | 'erasureAsked'
  | 'erasureDone'
  | 'hold'
  | 'release'
  | 'keyMade'
  | 'keyRevoked';

export interface Act {
  seq: number;
  /** Epoch milliseconds. */
  time: number;
  kind: ActKind;
  /** JSON. */
  detail: string;
}

/** The leaf of an act in the chain. */
export function actLeaf({ seq, time, kind, detail }: Act): Buffer {
  return leafOf('act', JSON.stringify([seq, time, kind, detail]));
}

/** Puts acts on record. Lives in the journal thread. */
export class ActWriter {
  private readonly insert: Statement;

  constructor(database: Database) {
    this.insert = database.prepare(
      'INSERT INTO journal_acts (seq, time, kind, detail, leaf) VALUES (?, ?, ?, ?, ?)',
    );
  }

  put(place: Place, kind: ActKind, detail: unknown, now = Date.now()): Act {
    const act: Act = { seq: place.next, time: now, kind, detail: JSON.stringify(detail) };
    const leaf = actLeaf(act);
    this.insert.run(act.seq, act.time, act.kind, act.detail, leaf);
    place.take(leaf);
    return act;
  }
}
