import { leafOf } from '../../journal/chain.js';

/**
 * The content of an outcome that its leaf stands for, in this order: a row of `audit_outcomes` with the names that its ids stand for.
 * `value` and `predicted` are the JSON texts of the row, times epoch milliseconds, the id of the prediction a UUID in small letters.
 */
export type OutcomeContent = readonly [
  seq: number,
  requestId: string,
  item: number,
  model: string,
  version: string,
  digest: string,
  time: number,
  recordedAt: number,
  value: string,
  predicted: string,
  probability: number | null,
];

/**
 * Selects rows with all that their leaves stand for, and the leaves; `requestId` as its 16 bytes. What an id does not lead to is null,
 * of which no leaf was made.
 */
export const OUTCOME_CONTENT = `SELECT o.seq, o.request_id AS requestId, o.item, m.name AS model, v.version, v.digest, o.time,
    o.recorded_at AS recordedAt, o.value, o.predicted, o.probability, o.leaf
  FROM audit_outcomes o LEFT JOIN audit_models m ON m.id = o.model_id LEFT JOIN audit_versions v ON v.id = o.version_id AND v.model_id = o.model_id`;

/** The leaf of an outcome in the chain. */
export function outcomeLeaf(content: OutcomeContent): Buffer {
  return leafOf('outcome', JSON.stringify(content));
}
