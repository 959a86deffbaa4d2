/** A record on disk, without a server. */
import type { Database } from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { openReader, openWriter, rawConnection } from '../src/database/open.js';
import { JournalWriter } from '../src/journal/journal-writer.js';
import type { JournalEntry } from '../src/journal/messages.js';
import { AUDIT_ENTITIES } from '../src/audit/audit.entity.js';
import { AuditWriter } from '../src/audit/audit-writer.js';
import { idAt } from '../src/audit/id.js';
import type { RecordPageQuery } from '../src/audit/audit-queries.js';
import type { RecordPage, RecordPages } from '../src/audit/record-pages.js';
import { AUDIT_REQUEST, type AuditRecord, type RecordTuple } from '../src/audit/record.js';
import {
  AUDIT_OUTCOME,
  type OutcomeResult,
  type OutcomeResults,
  type OutcomeTuple,
} from '../src/audit/outcomes/outcome.js';
import { OutcomeWriter } from '../src/audit/outcomes/outcome-writer.js';
import { QualityQueries } from '../src/audit/outcomes/quality-queries.js';

export const NOON = Date.UTC(2026, 0, 31, 12);

export interface PredictionFields {
  at: number;
  model: string | null;
  version: string | null;
  digest: string;
  outcome: string;
  output: unknown;
  truncated: string | null;
}

/** The entry of a prediction on record; `output` as JSON, or none where it is null. */
export function prediction(fields: Partial<PredictionFields> = {}): JournalEntry {
  const { at, model, version, digest, outcome, output, truncated } = {
    at: NOON, model: 'm', version: '1', digest: 'd', outcome: 'ok', output: { prediction: [1] }, truncated: null, ...fields,
  }; // prettier-ignore
  const record = [
    idAt(at), 'POST', '/v1/models/:model/predict', null, 200, outcome, null, '', '10.0.0.1', 'curl', null, null, 1500, 250, 750,
    model, version, version && digest, 1, null, '{"a":1}', output === null ? null : JSON.stringify(output), truncated, null,
  ] as unknown as RecordTuple; // prettier-ignore
  return [AUDIT_REQUEST, record];
}

/** The fields of a record, by the names that `RecordTuple` has for them. */
export interface RecordFields {
  at: number;
  method: string;
  route: string;
  path: string | null;
  status: number;
  outcome: string;
  problem: string | null;
  principal: string;
  source: string;
  userAgent: string;
  traceId: string | null;
  clientRequestId: string | null;
  totalUs: number;
  queueUs: number | null;
  runUs: number | null;
  model: string | null;
  version: string | null;
  digest: string | null;
  batch: number | null;
  cache: string | null;
  input: string | null;
  output: string | null;
  truncated: string | null;
  lost: number | null;
}

const PLAIN: RecordFields = {
  at: NOON, method: 'POST', route: '/v1/models/:model/predict', path: null, status: 200, outcome: 'ok', problem: null,
  principal: '', source: '10.0.0.1', userAgent: 'curl', traceId: null, clientRequestId: null, totalUs: 1500, queueUs: 250,
  runUs: 750, model: null, version: null, digest: null, batch: null, cache: null, input: null, output: null, truncated: null,
  lost: null,
}; // prettier-ignore

/** The entry of any request on record. */
export function request(fields: Partial<RecordFields> = {}): JournalEntry {
  const { at, ...rest } = { ...PLAIN, ...fields };
  return [AUDIT_REQUEST, [idAt(at), ...Object.values(rest)] as unknown];
}

export function idOf([, payload]: JournalEntry): string {
  return (payload as RecordTuple)[0];
}

/** A page of the record, its items read back from their JSON. */
export function pageOf(
  pages: RecordPages,
  query: RecordPageQuery,
): Omit<RecordPage, 'items'> & { items: AuditRecord[] } {
  const { items, ...rest } = pages.page(query);
  return { ...rest, items: JSON.parse(Buffer.from(items).toString()) as AuditRecord[] };
}

export class Folder {
  private constructor(
    private readonly folder: string,
    private readonly writing: DataSource,
    readonly reading: DataSource,
    readonly writer: JournalWriter,
    readonly quality: QualityQueries,
  ) {}

  /** @param clock milliseconds, for the turns of the writer of outcomes */
  static async open(clock?: () => number): Promise<Folder> {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-outcomes-'));
    const writing = await openWriter(folder, AUDIT_ENTITIES);
    const reading = await openReader(folder, AUDIT_ENTITIES);
    const database = rawConnection(writing);
    const writer = new JournalWriter(database, {
      [AUDIT_REQUEST]: new AuditWriter(database),
      [AUDIT_OUTCOME]: new OutcomeWriter(database, clock),
    });
    return new Folder(folder, writing, reading, writer, new QualityQueries(rawConnection(reading)));
  }

  get database(): Database {
    return rawConnection(this.writing);
  }

  /** Puts a prediction on record. @returns its id */
  predict(fields: Partial<PredictionFields> = {}): string {
    const entry = prediction(fields);
    this.writer.commit([entry]);
    return idOf(entry);
  }

  tell(outcomes: readonly OutcomeTuple[], now = NOON): readonly OutcomeResult[] {
    return this.tellSome(outcomes, now).results;
  }

  /** Also what was begun only. */
  tellSome(outcomes: readonly OutcomeTuple[], now = NOON): OutcomeResults {
    const [answer] = this.writer.commit([[AUDIT_OUTCOME, { now, outcomes }]]) ?? [];
    if (!answer || !('result' in answer)) throw new Error(`not written: ${JSON.stringify(answer)}`);
    return answer.result as OutcomeResults;
  }

  async close(): Promise<void> {
    await this.reading.destroy();
    await this.writing.destroy();
    rmSync(this.folder, { recursive: true });
  }
}
