import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { rawConnection } from '../database/open.js';
import type { RecordFilter } from './audit-queries.js';
import { readFilter } from './filter/filter.js';
import { firstIdAt, timeOfId } from './id.js';

/** Conditions on the tables of a record, as a query names them: r, route, caller, model, version. */
export interface Conditions {
  /** Each must hold. */
  all: string[];
  values: Record<string, unknown>;
}

const JOINS = {
  route: 'JOIN audit_routes route ON route.id = r.route_id',
  caller: 'JOIN audit_callers caller ON caller.id = r.caller_id',
  model: 'LEFT JOIN audit_models model ON model.id = r.model_id',
  version: 'LEFT JOIN audit_versions version ON version.id = r.version_id',
};

/** The tables that conditions are about, joined to `audit_requests r`; most are about none. */
export function joinsFor({ all }: Conditions): string {
  return Object.entries(JOINS)
    .filter(([alias]) => all.some((condition) => condition.includes(`${alias}.`)))
    .map(([, join]) => join)
    .join(' ');
}

/** What a filter asks, in SQL; null when nothing can match (an unknown model). @throws OrielError `invalid-parameter` */
export function conditionsOf(source: DataSource, filter: RecordFilter): Conditions | null {
  const all: string[] = [];
  const values: Record<string, unknown> = {};
  const add = (sql: string, named: Record<string, unknown>): void => {
    all.push(sql);
    Object.assign(values, named);
  };
  if (filter.model !== undefined) {
    // By id, so that the index on (model_id, id) answers it in order.
    const model = rawConnection(source)
      .prepare('SELECT id FROM audit_models WHERE name = ?')
      .pluck()
      .get(filter.model);
    if (model === undefined) return null;
    add('r.model_id = :model', { model });
  }
  if (filter.version !== undefined) add('version.version = :version', { version: filter.version });
  if (filter.status) {
    const [low, high] = filter.status;
    add('r.status BETWEEN :low AND :high', { low, high });
    if (low >= 400) all.push('r.status >= 400'); // the words of the index of errors
  }
  if (filter.outcome !== undefined) add('r.outcome = :outcome', { outcome: filter.outcome });
  if (filter.principal !== undefined) add('caller.principal = :principal', { principal: filter.principal });
  if (filter.route !== undefined) add('route.route = :route', { route: filter.route });
  if (filter.clientRequestId !== undefined)
    add('r.client_request_id = :clientRequestId', { clientRequestId: filter.clientRequestId });
  if (filter.minLatency !== undefined) add('r.total_us >= :least', { least: filter.minLatency * 1000 });
  if (filter.from !== undefined) add('r.id >= :from', { from: firstIdAt(filter.from) });
  if (filter.to !== undefined) add('r.id < :to', { to: firstIdAt(filter.to) });
  const more = filter.filter === undefined ? null : readFilter(filter.filter);
  if (more) add(more.sql, more.values);
  return { all, values };
}

/** Has a connection know what the language of filters calls. */
export function knowArrival(database: Database): void {
  database.function('arrival_ms', { deterministic: true }, (id: unknown) => timeOfId(id as Buffer));
}
