import type { Database, Statement } from 'better-sqlite3';
import type { Applier, Place } from '../../journal/messages.js';
import { anyOf } from '../../pattern.js';
import { bytesToUuid, isUuid, uuidToBytes } from '../id.js';
import { outcomeLeaf } from './outcome-leaf.js';
import type { OutcomeEntry, OutcomeResult, OutcomeResults, OutcomeTuple, Unfinished } from './outcome.js';
import { readAnswer, type StoredAnswer, type Unreadable } from './stored-answer.js';
import { truthsOf, type Truth } from './truth.js';

/** A prediction on record, with what it answered. */
interface Prediction {
  id: Buffer;
  modelId: number;
  versionId: number;
  model: string;
  version: string;
  digest: string;
  answer: StoredAnswer;
}

interface Row {
  id: Buffer;
  outcome: string;
  modelId: number | null;
  versionId: number | null;
  model: string | null;
  version: string | null;
  digest: string | null;
  output: string | null;
  truncated: string | null;
  redacted: string | null;
  erased: number;
}

/** What holds of one row of a prediction so far. */
interface Held {
  value: string;
  time: number;
}

/** How long the outcomes of one entry may keep others from writing, in milliseconds; one row is always written. */
const TURN = 10;

/** What the outcomes of one entry share. */
interface Turn {
  now: number;
  /** When it ends, by the writer's clock. */
  until: number;
  place: Place;
}

const LOOK_UP = `SELECT r.id, r.outcome, r.model_id AS modelId, r.version_id AS versionId, m.name AS model, v.version, v.digest,
    p.output, p.truncated, p.redacted, p.seq IS NOT NULL AND p.salt IS NULL AND p.digest IS NOT NULL AS erased
  FROM audit_requests r LEFT JOIN audit_models m ON m.id = r.model_id LEFT JOIN audit_versions v ON v.id = r.version_id
    LEFT JOIN audit_payloads p ON p.seq = r.seq
  WHERE r.id = ?`;

/**
 * Puts outcomes on record beside what was predicted. Lives in the journal thread, inside the journal's transaction, so that all
 * that was recorded before is seen, also by the same commit. The newest outcome of a row holds: the same again stores nothing.
 */
export class OutcomeWriter implements Applier {
  private readonly lookUp: Statement;
  private readonly newest: Statement;
  private readonly insert: Statement;

  /** @param clock milliseconds, for the turn */
  constructor(
    database: Database,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.lookUp = database.prepare(LOOK_UP);
    this.newest = database.prepare(
      'SELECT value, time FROM audit_outcomes WHERE request_id = ? AND item = ? ORDER BY seq DESC LIMIT 1',
    );
    this.insert = database.prepare(
      `INSERT INTO audit_outcomes (seq, request_id, item, model_id, version_id, time, recorded_at, value, predicted, probability, leaf)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  apply(payload: unknown, place: Place): OutcomeResults {
    const { now, outcomes, models } = payload as OutcomeEntry;
    const mayKnow = models ? anyOf(models) : null;
    const results: OutcomeResult[] = [];
    const until = this.clock() + TURN;
    let last: { id: string; found: Prediction | Unreadable } | undefined;
    for (const outcome of outcomes) {
      if (results.length > 0 && this.clock() >= until) break;
      const [id] = outcome;
      if (last?.id !== id) last = { id, found: this.find(id, mayKnow) };
      const result = this.put(outcome, last.found, { now, until, place });
      if (typeof result === 'object' && 'done' in result) return { results, unfinished: result };
      results.push(result);
    }
    return { results };
  }

  /** Nothing is learnt from one entry for the next. */
  rolledBack(): void {
    return;
  }

  private put(
    [, value, item, time, done = 0]: OutcomeTuple,
    prediction: Prediction | Unreadable,
    { now, until, place }: Turn,
  ): OutcomeResult | Unfinished {
    if ('reason' in prediction) return { faults: [{ pointer: '/prediction', detail: prediction.reason }] };
    const truths = truthsOf(prediction.answer, value, item);
    if ('faults' in truths) return truths;
    let fresh = false;
    for (const [index, truth] of truths.entries()) {
      if (index < done) continue;
      if (index > done && this.clock() >= until) return { done: index, fresh };
      if (this.holds(prediction, truth, time)) continue;
      this.keep(prediction, truth, time ?? now, now, place);
      fresh = true;
    }
    return fresh ? 'accepted' : 'duplicate';
  }

  private holds({ id }: Prediction, { item, value }: Truth, time: number | null): boolean {
    const held = this.newest.get(id, item) as Held | undefined;
    return held !== undefined && held.value === value && (time === null || held.time === time);
  }

  private keep(prediction: Prediction, truth: Truth, time: number, now: number, place: Place): void {
    const { id, modelId, versionId, model, version, digest } = prediction;
    const { item, value, predicted, probability } = truth;
    const seq = place.next;
    const leaf = outcomeLeaf([
      seq, bytesToUuid(id), item, model, version, digest, time, now, value, predicted, probability,
    ]); // prettier-ignore
    this.insert.run(
      seq, id, item, modelId, versionId, time, now, value, predicted, probability, leaf,
    ); // prettier-ignore
    place.take(leaf);
  }

  private find(id: string, mayKnow: ((model: string) => boolean) | null): Prediction | Unreadable {
    const row = isUuid(id) ? (this.lookUp.get(uuidToBytes(id)) as Row | undefined) : undefined;
    if (!row || (mayKnow && !mayKnow(row.model ?? '')))
      return { reason: 'No prediction with this id is on record.' };
    const { modelId, versionId, model, version, digest } = row;
    if (modelId === null || versionId === null || model === null || version === null || digest === null)
      return { reason: 'This is the id of a request that was no prediction.' };
    if (row.outcome !== 'ok') return { reason: 'This prediction failed: it has no answer.' };
    const answer = answerOf(row);
    return 'reason' in answer ? answer : { id: row.id, modelId, versionId, model, version, digest, answer };
  }
}

function answerOf({ output, truncated, redacted, erased }: Row): StoredAnswer | Unreadable {
  if (erased) return { reason: 'Its answer was erased.' };
  if (output === null) return { reason: 'Its answer is not on record.' };
  if (truncated?.split(',').includes('output'))
    return { reason: 'Its answer is on record only in part: it was longer than ORIEL_AUDIT_PAYLOAD_LIMIT.' };
  if (redacted?.split(',').includes('output'))
    return { reason: 'Its answer is on record only in part: the policy took values out of it.' };
  return readAnswer(output);
}
