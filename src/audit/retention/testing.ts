/** For tests: a record on a real file with retention on it, and a plain check of the chain. */
import type { Database } from 'better-sqlite3';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { openWriter, rawConnection } from '../../database/open.js';
import { actLeaf, type Act } from '../../journal/acts.js';
import { beginChain } from '../../journal/begin-chain.js';
import { FIRST_HEAD, headOf, leafOf } from '../../journal/chain.js';
import { JournalWriter } from '../../journal/journal-writer.js';
import type { Applier, EntryAnswer, JournalEntry } from '../../journal/messages.js';
import { AUDIT_ENTITIES } from '../audit.entity.js';
import { AuditWriter } from '../audit-writer.js';
import { bytesToUuid, idAt, uuidToBytes } from '../id.js';
import { InputColumns } from '../input-columns.js';
import { AUDIT_REQUEST, type RecordTuple } from '../record.js';
import { payloadDigest, recordLeaf, type LeafContent } from '../record-leaf.js';
import type { RetentionLimits, StepAnswer } from './messages.js';
import { retentionAppliers } from './retention-entries.js';
import { Retention } from './retention.js';

export const UNLIMITED: RetentionLimits = { keep: 0, keepPayloads: 0, maxSize: 0, maxPayloads: 0 };
/** An entry that the database refuses, so that its batch is rolled back and written again. */
export const BAD: JournalEntry = ['test.bad', null];

export interface RecordFields {
  at: number;
  principal?: string;
  source?: string;
  model?: string;
  input?: string | null;
  output?: string | null;
}

export function recordOf(fields: RecordFields): RecordTuple {
  const { at, principal = '', source = '10.0.0.1', model = 'm', input = null, output = null } = fields;
  return [
    idAt(at), 'POST', '/v1/models/:model/predict', `/v1/models/${model}/predict`, 200, 'ok', null, principal, source, 'curl',
    null, null, 1500, 250, 750, model, '1', 'abc', 4, null, input, output, null, null,
  ]; // prettier-ignore
}

/** Writes what stands for outcomes: `[id of the record, item]`. */
class Outcomes implements Applier {
  constructor(private readonly database: Database) {}

  apply(payload: unknown, place: { next: number; take(leaf: Buffer): void }): void {
    const [id, item] = payload as [string, number];
    const leaf = leafOf('outcome', JSON.stringify([place.next, id, item]));
    this.database
      .prepare(
        `INSERT INTO audit_outcomes (seq, request_id, item, model_id, version_id, time, recorded_at, value, predicted, leaf)
         VALUES (?, ?, ?, 1, 1, 0, 0, '1', '1', ?)`,
      )
      .run(place.next, uuidToBytes(id), item, leaf);
    place.take(leaf);
  }

  rolledBack(): void {
    // It keeps nothing.
  }
}

export class RetainedRecord {
  private constructor(
    readonly folder: string,
    private readonly source: DataSource,
    readonly database: Database,
    readonly writer: JournalWriter,
    readonly retention: Retention,
  ) {}

  static async open(folder = mkdtempSync(join(tmpdir(), 'oriel-retention-'))): Promise<RetainedRecord> {
    const source = await openWriter(folder, AUDIT_ENTITIES);
    const database = rawConnection(source);
    const audit = new AuditWriter(database);
    const retention = new Retention(database, () => audit.rolledBack());
    const writer = new JournalWriter(database, {
      [AUDIT_REQUEST]: audit,
      'test.outcome': new Outcomes(database),
      ...retentionAppliers(database, retention),
    });
    beginChain(database, writer, 'test');
    return new RetainedRecord(folder, source, database, writer, retention);
  }

  commit(...entries: JournalEntry[]): EntryAnswer[] {
    return [...(this.writer.commit(entries) ?? entries.map(() => null))];
  }

  write(...records: RecordFields[]): string[] {
    const tuples = records.map(recordOf);
    this.commit(...tuples.map((one): JournalEntry => [AUDIT_REQUEST, one]));
    return tuples.map(([id]) => id);
  }

  step(limits: Partial<RetentionLimits>, now: number): StepAnswer {
    return this.retention.step(this.writer, { ...UNLIMITED, ...limits }, now);
  }

  /** Steps until there is nothing left to do. */
  work(limits: Partial<RetentionLimits> = {}, now = 0): StepAnswer {
    for (let steps = 0; steps < 100_000; steps++) {
      const answer = this.step(limits, now);
      if (!answer.more) return answer;
    }
    throw new Error('retention does not come to an end');
  }

  count(table: string): number {
    return this.database.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  }

  acts(): { seq: number; kind: string; detail: Record<string, unknown> }[] {
    const rows = this.database.prepare('SELECT * FROM journal_acts ORDER BY seq').all() as Act[];
    return rows.map(({ seq, kind, detail }) => ({
      seq,
      kind,
      detail: JSON.parse(detail) as Record<string, unknown>,
    }));
  }

  /** Whether a text is anywhere in the file or its log. */
  holds(text: string): boolean {
    return ['oriel.db', 'oriel.db-wal']
      .map((name) => join(this.folder, name))
      .some((file) => existsSync(file) && readFileSync(file).includes(text));
  }

  async close(keep = false): Promise<void> {
    await this.source.destroy();
    if (!keep) rmSync(this.folder, { recursive: true });
  }
}

/** Reads every leaf from the content itself and checks each head over them. @returns what does not fit */
export function faultsOf(database: Database): string[] {
  const faults: string[] = [];
  const leaves = new Map<number, Buffer>();
  const add = (seq: number, leaf: Buffer): void => {
    if (leaves.has(seq)) faults.push(`${seq} is there twice`);
    leaves.set(seq, leaf);
  };
  for (const [seq, leaf] of recordLeaves(database)) add(seq, leaf);
  for (const { seq, leaf } of rowsOf<{ seq: number; leaf: Buffer }>(
    database,
    'SELECT seq, leaf FROM audit_outcomes',
  ))
    add(seq, leaf);
  const acts = rowsOf<Act & { leaf: Buffer }>(database, 'SELECT * FROM journal_acts ORDER BY seq');
  for (const act of acts) {
    if (!actLeaf(act).equals(act.leaf)) faults.push(`act ${act.seq} was changed`);
    add(act.seq, act.leaf);
  }
  const tombstones = rowsOf<{ seq: number; leaf: Buffer }>(
    database,
    'SELECT seq, leaf FROM journal_tombstones',
  );
  for (const { seq, leaf } of tombstones) add(seq, leaf);
  return [...faults, ...coverFaults(database, acts, tombstones), ...headFaults(database, acts, leaves)];
}

function rowsOf<T>(database: Database, sql: string): T[] {
  return database.prepare(sql).all() as T[];
}

interface FullRow extends Record<string, unknown> {
  seq: number;
  id: Buffer;
  hasPayload: number;
  input: string | null;
  salt: Buffer | null;
  payloadDigest: Buffer | null;
  names: string | null;
}

function* recordLeaves(database: Database): Generator<[number, Buffer]> {
  const rows = rowsOf<FullRow>(
    database,
    `SELECT r.*, route.method, route.route, route.path AS shared, c.principal, c.source, c.user_agent, m.name AS model,
       v.version, v.digest, p.seq IS NOT NULL AS hasPayload, p.input, p.output, p.truncated, p.redacted, p.salt,
       p.digest AS payloadDigest, n.names
     FROM audit_requests r JOIN audit_routes route ON route.id = r.route_id JOIN audit_callers c ON c.id = r.caller_id
     LEFT JOIN audit_models m ON m.id = r.model_id LEFT JOIN audit_versions v ON v.id = r.version_id
     LEFT JOIN audit_payloads p ON p.seq = r.seq LEFT JOIN audit_columns n ON n.id = p.columns_id`,
  );
  for (const row of rows) {
    const content = [
      row.seq, bytesToUuid(row.id), row.method, row.route, row.path ?? (row.shared || null), row.status, row.outcome,
      row.problem, row.principal, row.source, row.user_agent, row.trace_id, row.client_request_id, row.total_us, row.queue_us,
      row.run_us, row.model, row.version, row.digest, row.batch, row.cache, row.lost,
    ] as unknown as LeafContent; // prettier-ignore
    yield [row.seq, recordLeaf(content, digestOf(row))];
  }
}

function digestOf({
  hasPayload,
  payloadDigest: kept,
  salt,
  input,
  output,
  truncated,
  redacted,
  names,
}: FullRow): Buffer | null {
  if (!hasPayload) return null;
  if (kept) return kept;
  const whole =
    names !== null && input !== null ? new InputColumns(JSON.parse(names) as string[]).join(input) : input;
  return payloadDigest(salt as Buffer, [whole, output, truncated, redacted] as [string, string, null, null]);
}

/** Every tombstone and every erased payload must be told of by an act. */
function coverFaults(
  database: Database,
  acts: readonly Act[],
  tombstones: readonly { seq: number }[],
): string[] {
  const told = { records: new Set<number>(), payloads: new Set<number>() };
  for (const { kind, detail } of acts) {
    if (kind !== 'erased') continue;
    const said = JSON.parse(detail) as Record<'records' | 'payloads', [number, number][]>;
    for (const name of ['records', 'payloads'] as const)
      for (const [first, last] of said[name]) for (let seq = first; seq <= last; seq++) told[name].add(seq);
  }
  const erased = rowsOf<{ seq: number; input: unknown; salt: unknown; columns_id: unknown; output: unknown }>(
    database,
    'SELECT * FROM audit_payloads WHERE digest IS NOT NULL',
  );
  return [
    ...tombstones
      .filter(({ seq }) => !told.records.has(seq))
      .map(({ seq }) => `no act tells of tombstone ${seq}`),
    ...erased.filter(({ seq }) => !told.payloads.has(seq)).map(({ seq }) => `no act tells of payload ${seq}`),
    ...erased
      .filter((row) => [row.input, row.output, row.salt, row.columns_id].some((value) => value !== null))
      .map(({ seq }) => `payload ${seq} is not all erased`),
    ...[...told.records]
      .filter((seq) => database.prepare('SELECT 1 FROM audit_requests WHERE seq = ?').get(seq))
      .map((seq) => `record ${seq} is told of as gone`),
  ];
}

function headFaults(database: Database, acts: readonly Act[], leaves: ReadonlyMap<number, Buffer>): string[] {
  const pruned = acts.filter(({ kind }) => kind === 'pruned').at(-1);
  const from = pruned && (JSON.parse(pruned.detail) as { through: number; head: string });
  const began = (JSON.parse(acts[0]?.detail ?? '{}') as { after?: number }).after ?? 0;
  let before: Buffer = from ? Buffer.from(from.head, 'hex') : FIRST_HEAD;
  let last = from?.through ?? began;
  for (const commit of rowsOf<{ last_seq: number; time: number; head: Buffer }>(
    database,
    'SELECT * FROM journal_commits ORDER BY last_seq',
  )) {
    const these: Buffer[] = [];
    for (let seq = last + 1; seq <= commit.last_seq; seq++) {
      const leaf = leaves.get(seq);
      if (!leaf) return [`${seq} is gone without a trace`];
      these.push(leaf);
    }
    if (!headOf(before, commit.last_seq, commit.time, these).equals(commit.head))
      return [`the head of ${last + 1} to ${commit.last_seq} does not fit`];
    before = commit.head;
    last = commit.last_seq;
  }
  const tip = database.prepare('SELECT seq, head FROM journal_tip').get() as { seq: number; head: Buffer };
  return tip.seq === last && tip.head.equals(before) ? [] : [`the chain ends at ${last}, not at ${tip.seq}`];
}
