import type { DataSource, SelectQueryBuilder } from 'typeorm';
import {
  AuditCaller,
  AuditColumns,
  AuditModel,
  AuditPayload,
  AuditRequest,
  AuditRoute,
  AuditVersion,
} from './audit.entity.js';
import { InputColumns } from './input-columns.js';
import { bytesToUuid, firstIdAt, timeOfId, uuidToBytes } from './id.js';
import type { AuditRecord, Outcome } from './record.js';

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
}

export interface RecordPageQuery {
  filter: RecordFilter;
  limit: number;
  /** Id of the last record of the page before. */
  after?: string;
}

export interface RecordPage {
  items: AuditRecord[];
  /** Id to go on after, absent on the last page. */
  next?: string;
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
  constructor(private readonly source: DataSource) {}

  /** One page, newest first; stable while records are added, since it goes on from an id and not from a count. */
  async page({ filter, limit, after }: RecordPageQuery): Promise<RecordPage> {
    const query = this.select()
      .orderBy('r.id', 'DESC')
      .limit(limit + 1);
    if (!(await this.narrow(query, filter))) return { items: [] };
    if (after) query.andWhere('r.id < :after', { after: uuidToBytes(after) });
    const rows = await query.getRawMany<Row>();
    const items = rows.slice(0, limit).map(toRecord);
    return rows.length > limit ? { items, next: items.at(-1)?.id } : { items };
  }

  async one(id: string): Promise<AuditRecord | null> {
    const row = await this.select()
      .where('r.id = :id', { id: uuidToBytes(id) })
      .getRawOne<Row>();
    return row ? toRecord(row) : null;
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

  /** Adds the filter's conditions. @returns false when nothing can match (an unknown model) */
  private async narrow(query: SelectQueryBuilder<AuditRequest>, filter: RecordFilter): Promise<boolean> {
    if (filter.model !== undefined) {
      // By id, so that the index on (model_id, id) answers it in order.
      const model = await this.source.getRepository(AuditModel).findOneBy({ name: filter.model });
      if (!model) return false;
      query.andWhere('r.modelId = :model', { model: model.id });
    }
    if (filter.version !== undefined)
      query.andWhere('version.version = :version', { version: filter.version });
    if (filter.status) {
      query.andWhere('r.status BETWEEN :low AND :high', { low: filter.status[0], high: filter.status[1] });
    }
    if (filter.outcome !== undefined) query.andWhere('r.outcome = :outcome', { outcome: filter.outcome });
    if (filter.principal !== undefined)
      query.andWhere('caller.principal = :principal', { principal: filter.principal });
    if (filter.route !== undefined) query.andWhere('route.route = :route', { route: filter.route });
    if (filter.clientRequestId !== undefined) {
      query.andWhere('r.clientRequestId = :clientRequestId', { clientRequestId: filter.clientRequestId });
    }
    if (filter.minLatency !== undefined)
      query.andWhere('r.totalUs >= :least', { least: filter.minLatency * 1000 });
    if (filter.from !== undefined) query.andWhere('r.id >= :from', { from: firstIdAt(filter.from) });
    if (filter.to !== undefined) query.andWhere('r.id < :to', { to: firstIdAt(filter.to) });
    return true;
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

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
