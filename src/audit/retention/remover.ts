import type { Database, Statement } from 'better-sqlite3';
import { InputColumns } from '../input-columns.js';
import { payloadDigest } from '../record-leaf.js';
import type { PayloadTally } from './payload-tally.js';
import { rangesOf, type Range } from './ranges.js';

interface RecordRow {
  id: Buffer;
  leaf: Buffer | null;
}

interface PayloadRow {
  input: string | null;
  output: string | null;
  truncated: string | null;
  redacted: string | null;
  salt: Buffer | null;
  names: string | null;
}

/** What went in one step, as `seq` of records and outcomes, and of payloads. */
export interface Removed {
  records: Range[];
  payloads: Range[];
}

/** Outcomes that go between two looks at the clock. */
const OUTCOMES_AT_ONCE = 100;

/**
 * Takes things off the record so that the chain stays whole: a leaf stays where a record or an outcome was, a digest where a
 * payload was. Lives in the journal thread, inside its transaction.
 */
export class Remover {
  private records: number[] = [];
  private payloads: number[] = [];
  private readonly statements;

  constructor(
    database: Database,
    private readonly tally: PayloadTally,
  ) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      record: one('SELECT id, leaf FROM audit_requests WHERE seq = ?'),
      outcomes: one(
        `SELECT seq, leaf FROM audit_outcomes WHERE request_id = ? ORDER BY item LIMIT ${OUTCOMES_AT_ONCE}`,
      ),
      payload: one(
        `SELECT p.input, p.output, p.truncated, p.redacted, p.salt, c.names FROM audit_payloads p
         LEFT JOIN audit_columns c ON c.id = p.columns_id WHERE p.seq = ?`,
      ),
      size: one(
        `SELECT coalesce(octet_length(input), 0) + coalesce(octet_length(output), 0) FROM audit_payloads WHERE seq = ?`,
      ).pluck(),
      bury: one('INSERT INTO journal_tombstones (seq, leaf) VALUES (?, ?)'),
      // Of the same length, so that the bytes are overwritten where they are, before rows are moved among pages.
      blank: one(
        `UPDATE audit_payloads SET input = zeroblob(octet_length(input)), output = zeroblob(octet_length(output)),
           salt = zeroblob(length(salt)) WHERE seq = ?`,
      ),
      erase: one(
        'UPDATE audit_payloads SET input = NULL, output = NULL, columns_id = NULL, salt = NULL, digest = ? WHERE seq = ?',
      ),
      dropPayload: one('DELETE FROM audit_payloads WHERE seq = ?'),
      dropRecord: one('DELETE FROM audit_requests WHERE seq = ?'),
      dropOutcome: one('DELETE FROM audit_outcomes WHERE seq = ?'),
    };
  }

  /**
   * Removes what was said to be the outcome of a record, as must be done before it is removed itself.
   * @returns false when the time was up first
   */
  removeOutcomes(seq: number, deadline: number): boolean {
    const record = this.statements.record.get(seq) as RecordRow | undefined;
    if (!record) return true;
    for (;;) {
      const outcomes = this.statements.outcomes.all(record.id) as { seq: number; leaf: Buffer }[];
      for (const outcome of outcomes) {
        this.statements.bury.run(outcome.seq, outcome.leaf);
        this.statements.dropOutcome.run(outcome.seq);
        this.records.push(outcome.seq);
      }
      if (outcomes.length < OUTCOMES_AT_ONCE) return true;
      if (performance.now() > deadline) return false;
    }
  }

  /** Removes a record without outcomes, and its payload. */
  remove(seq: number): void {
    const record = this.statements.record.get(seq) as RecordRow | undefined;
    if (!record) return;
    if (record.leaf) this.statements.bury.run(seq, record.leaf);
    this.tally.less(seq, this.sizeOf(seq));
    this.statements.dropPayload.run(seq);
    this.statements.dropRecord.run(seq);
    this.records.push(seq);
  }

  /** Erases input and output of a record, if there are any. @returns whether there were */
  erasePayload(seq: number): boolean {
    const erase = this.toErase(seq);
    erase?.();
    return erase !== undefined;
  }

  /** Removes records without outcomes; their payloads are overwritten first, all before any row is moved among pages. */
  removeThoroughly(seqs: readonly number[]): void {
    for (const seq of seqs) this.statements.blank.run(seq);
    for (const seq of seqs) this.remove(seq);
  }

  /** The same for payloads alone. @returns how many there were */
  erasePayloadsThoroughly(seqs: readonly number[]): number {
    const erasures = seqs.flatMap((seq) => {
      const erase = this.toErase(seq);
      if (erase) this.statements.blank.run(seq);
      return erase ?? [];
    });
    for (const erase of erasures) erase();
    return erasures.length;
  }

  private toErase(seq: number): (() => void) | undefined {
    const row = this.statements.payload.get(seq) as PayloadRow | undefined;
    if (!row || (row.input === null && row.output === null)) return undefined;
    const { output, truncated, redacted, salt } = row;
    // Without a salt it is from before the chain, and no leaf holds it.
    const digest = salt && payloadDigest(salt, [wholeInput(row), output, truncated, redacted]);
    return () => {
      this.tally.less(seq, this.sizeOf(seq));
      if (digest) this.statements.erase.run(digest, seq);
      else this.statements.dropPayload.run(seq);
      this.payloads.push(seq);
    };
  }

  /** Bytes of input and output of a record. */
  sizeOf(seq: number): number {
    return (this.statements.size.get(seq) as number | undefined) ?? 0;
  }

  get empty(): boolean {
    return this.records.length === 0 && this.payloads.length === 0;
  }

  /** What went since the last call. */
  take(): Removed {
    const removed = { records: rangesOf(this.records), payloads: rangesOf(this.payloads) };
    this.forget();
    return removed;
  }

  forget(): void {
    this.records = [];
    this.payloads = [];
  }
}

function wholeInput({ input, names }: PayloadRow): string | null {
  if (names === null || input === null) return input;
  return new InputColumns(JSON.parse(names) as string[]).join(input);
}
