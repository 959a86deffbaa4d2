import type { DataSource, SelectQueryBuilder } from 'typeorm';
import {
  AuditCaller,
  AuditColumns,
  AuditModel,
  AuditOutcome,
  AuditPayload,
  AuditRequest,
  AuditRoute,
  AuditVersion,
} from './audit.entity.js';
import { InputColumns } from './input-columns.js';
import { knowArrival } from './record-conditions.js';
import type { PageMark } from './page-token.js';
import { rawConnection } from '../database/open.js';
import { bytesToUuid, timeOfId, uuidToBytes } from './id.js';
import type { AuditRecord, Outcome, RecordEvent, RecordOutcome } from './record.js';

/** Which records to list. Times are epoch milliseconds; `from` is inclusive, `to` exclusive, both of arrival. */
export interface RecordFilter {
  model?: string;
  version?: string;
  /** Lowest and highest status code. */
  status?: readonly [number, number];
  outcome?: Outcome;
  principal?: string;
  route?: string;
  clientRequestId?: string;
  /** Milliseconds in total. */
  minLatency?: number;
  from?: number;
  to?: number;
  /** Further conditions in the language of AIP-160 (filter/). */
  filter?: string;
}

/** By arrival or by total latency, falling or rising. */
export type RecordOrder = 'time desc' | 'time asc' | 'latency desc' | 'latency asc';

export interface RecordPageQuery {
  filter: RecordFilter;
  order?: RecordOrder;
  limit: number;
  /** Where the page before ended. */
  after?: PageMark | undefined;
  /** Whether all that it may find is on record already: then every reading of it is the same. */
  settled?: boolean;
}

interface Row {
  seq: number;
  id: Buffer;
  path: string | null;
  status: number;
  outcome: Outcome;
  problem: string | null;
  totalUs: number;
  queueUs: number | null;
  runUs: number | null;
  batch: number | null;
  cache: string | null;
  traceId: string | null;
  clientRequestId: string | null;
  lost: number | null;
  method: string;
  route: string;
  principal: string;
  source: string;
  userAgent: string;
  model: string | null;
  version: string | null;
  digest: string | null;
  input: string | null;
  output: string | null;
  truncated: string | null;
  redacted: string | null;
  columns: string | null;
  sharedPath: string;
}

const REQUEST_COLUMNS = [
  'seq', 'id', 'path', 'status', 'outcome', 'problem', 'totalUs', 'queueUs', 'runUs', 'batch', 'cache', 'traceId',
  'clientRequestId', 'lost',
] as const; // prettier-ignore

/** Reads the record of requests. Lives in a reader thread, on a read-only connection. */
export class AuditQueries {
  /** @param eventsOf what else was made of the record at a `seq` */
  constructor(
    private readonly source: DataSource,
    private readonly eventsOf: (seq: number) => RecordEvent[] = () => [],
  ) {
    knowArrival(rawConnection(source));
  }

  /** A record with what is known of it besides. */
  async one(id: string): Promise<AuditRecord | null> {
    const bytes = uuidToBytes(id);
    const row = await this.select().where('r.id = :id', { id: bytes }).getRawOne<Row>();
    if (!row) return null;
    const record = toRecord(row);
    const outcomes = await this.source
      .getRepository(AuditOutcome)
      .find({ where: { requestId: bytes }, order: { seq: 'ASC' } });
    if (outcomes.length > 0) record.outcomes = outcomes.map(toOutcome);
    const events = row.model === null ? [] : this.eventsOf(row.seq);
    if (events.length > 0) record.events = events;
    return record;
  }

  /** The `seq` of the last act on record; an erasure, which changes old pages, is one. */
  lastAct(): number {
    return rawConnection(this.source)
      .prepare('SELECT coalesce(max(seq), 0) FROM journal_acts')
      .pluck()
      .get() as number;
  }

  private select(): SelectQueryBuilder<AuditRequest> {
    const query = this.source
      .createQueryBuilder()
      .select(REQUEST_COLUMNS.map((column) => `r.${column} AS "${column}"`))
      .from(AuditRequest, 'r')
      .innerJoin(AuditRoute, 'route', 'route.id = r.routeId')
      .innerJoin(AuditCaller, 'caller', 'caller.id = r.callerId')
      .leftJoin(AuditModel, 'model', 'model.id = r.modelId')
      .leftJoin(AuditVersion, 'version', 'version.id = r.versionId')
      .leftJoin(AuditPayload, 'payload', 'payload.seq = r.seq')
      .leftJoin(AuditColumns, 'columns', 'columns.id = payload.columnsId');
    const joined = {
      method: 'route.method',
      route: 'route.route',
      principal: 'caller.principal',
      source: 'caller.source',
      userAgent: 'caller.userAgent',
      model: 'model.name',
      version: 'version.version',
      digest: 'version.digest',
      input: 'payload.input',
      output: 'payload.output',
      truncated: 'payload.truncated',
      redacted: 'payload.redacted',
      columns: 'columns.names',
      sharedPath: 'route.path',
    };
    for (const [alias, column] of Object.entries(joined)) query.addSelect(column, alias);
    return query;
  }
}

function toRecord(row: Row): AuditRecord {
  const arrival = timeOfId(row.id);
  const record: AuditRecord = {
    id: bytesToUuid(row.id),
    seq: row.seq,
    time: new Date(arrival).toISOString(),
    completedAt: new Date(arrival + Math.round(row.totalUs / 1000)).toISOString(),
    latency: { total: row.totalUs / 1000, queue: milliseconds(row.queueUs), run: milliseconds(row.runUs) },
    method: row.method,
    route: row.route || null,
    path: row.path ?? (row.sharedPath || row.route || null),
    status: row.status,
    outcome: row.outcome,
    problem: row.problem,
    principal: row.principal || null,
    source: row.source || null,
    userAgent: row.userAgent || null,
    traceId: row.traceId,
    clientRequestId: row.clientRequestId,
    model: row.model,
    version: row.version,
    digest: row.digest || null,
    batch: row.batch,
    cache: row.cache,
  };
  const truncated = row.truncated?.split(',') ?? [];
  const input = row.columns === null || row.input === null ? row.input : joined(row.columns, row.input);
  if (input !== null) record.input = payload(input, truncated.includes('input'));
  if (row.output !== null) record.output = payload(row.output, truncated.includes('output'));
  if (truncated.length > 0) record.truncated = truncated;
  if (row.redacted !== null) record.redacted = row.redacted.split(',');
  if (row.lost !== null) record.lost = row.lost;
  return record;
}

function joined(columns: string, line: string): string {
  return new InputColumns(JSON.parse(columns) as string[]).join(line);
}

/** A whole payload is JSON and shown as such; a cut one is only the beginning of a JSON text, and shown as text. */
function payload(text: string, cut: boolean): unknown {
  return cut ? text : JSON.parse(text);
}

export function toOutcome({
  item,
  value,
  time,
  recordedAt,
}: Pick<AuditOutcome, 'item' | 'value' | 'time' | 'recordedAt'>): RecordOutcome {
  return {
    item,
    value: JSON.parse(value),
    time: new Date(time).toISOString(),
    recordedAt: new Date(recordedAt).toISOString(),
  };
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
