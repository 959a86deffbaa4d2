import type { Database } from 'better-sqlite3';
import { bytesToUuid } from '../id.js';
import type { Link } from '../verification/links.js';
import { OUTCOME_CONTENT, outcomeLeaf, type OutcomeContent } from './outcome-leaf.js';

/** Outcomes as the chain sees them, in order of `seq`, after one. An outcome goes by the id of its prediction. */
export function* outcomeLinks(database: Database, after: number): Generator<Link> {
  const rows = database
    .prepare(`${OUTCOME_CONTENT} WHERE o.seq > ? ORDER BY o.seq`)
    .raw()
    .iterate(after) as IterableIterator<readonly unknown[]>;
  for (const [seq, rawId, ...rest] of rows) {
    // An editor can put anything anywhere: what is no id, or no leaf, fits none.
    const id = Buffer.isBuffer(rawId) ? bytesToUuid(rawId) : String(rawId);
    const leaf = rest.pop();
    yield {
      seq: seq as number,
      id,
      kind: 'outcome',
      stored: Buffer.isBuffer(leaf) ? leaf : Buffer.alloc(0),
      computed: outcomeLeaf([seq, id, ...rest] as unknown as OutcomeContent),
      withoutPayload: false,
    };
  }
}
