import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { rawConnection } from '../database/open.js';
import type { RecordFilter } from './audit-queries.js';
import { firstIdAt, timeOfId } from './id.js';
import { conditionsOf, joinsFor, type Conditions } from './record-conditions.js';

/** What requests can be counted by. */
export const DIMENSIONS = ['model', 'version', 'status', 'outcome', 'route', 'method', 'principal'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Most items that one query answers, and most buckets that it looks at. */
export const MAX_ITEMS = 10_000;

/** Which requests to count, and how. Times are epoch milliseconds of arrival. */
export interface StatsQuery {
  filter: RecordFilter;
  by: readonly Dimension[];
  /** Length of a bucket in milliseconds, aligned to the epoch; without it there is one. */
  every?: number;
  now: number;
}

/** Requests that are alike in what was asked for, in one bucket. */
export type StatsItem = Partial<Record<Dimension, string | number | null>> & {
  /** RFC 3339: the bucket, cut to what was asked for. */
  from: string;
  to: string;
  count: number;
  /** Milliseconds in total; percentiles by nearest rank, exact. */
  latency: { p50: number; p90: number; p99: number; max: number };
};

export interface StatsAnswer {
  items: StatsItem[];
  /** Whether there are more than `MAX_ITEMS` items or buckets; `items` is empty then. */
  tooMany?: true;
}

/** Where each dimension is, and how its value is found by that. */
const COLUMNS: Readonly<Record<Dimension, { column: string; names?: string }>> = {
  model: { column: 'r.model_id', names: 'SELECT name FROM audit_models WHERE id = ?' },
  version: { column: 'r.version_id', names: 'SELECT version FROM audit_versions WHERE id = ?' },
  status: { column: 'r.status' },
  outcome: { column: 'r.outcome' },
  route: { column: 'r.route_id', names: "SELECT nullif(route, '') FROM audit_routes WHERE id = ?" },
  method: { column: 'r.route_id', names: "SELECT nullif(method, '') FROM audit_routes WHERE id = ?" },
  principal: { column: 'r.caller_id', names: "SELECT nullif(principal, '') FROM audit_callers WHERE id = ?" },
};

type Value = string | number | null;
/** Latencies in whole microseconds, separated by commas: one text is read much faster than as many rows. */
type Row = readonly [count: number, latencies: string | null, ...keys: Value[]];

interface Group {
  values: readonly Value[];
  count: number;
  /** Each as in a `Row`. */
  latencies: string[];
}

/** Counts requests and their latencies. Lives in a reader thread, on a read-only connection. */
export class StatsQueries {
  constructor(private readonly source: DataSource) {}

  stats({ filter, by, every, now }: StatsQuery): StatsAnswer {
    const database = rawConnection(this.source);
    const conditions = conditionsOf(this.source, filter);
    const from = filter.from ?? firstArrival(database);
    const to = filter.to ?? now;
    if (!conditions || from === null || from >= to) return { items: [] };
    const buckets = bucketsOf(from, to, every);
    if (!buckets) return { items: [], tooMany: true };
    const counter = new Counter(database, by, conditions);
    const items: StatsItem[] = [];
    for (const [first, end] of buckets) {
      for (const group of counter.count(first, end)) items.push(itemOf(group, by, first, end));
      if (items.length > MAX_ITEMS) return { items: [], tooMany: true };
    }
    return { items };
  }
}

/** Goes through the records of one bucket after another. What it holds is the latencies of one. */
class Counter {
  private readonly rows;
  private readonly names: ((key: Value) => Value)[];

  constructor(
    database: Database,
    by: readonly Dimension[],
    private readonly conditions: Conditions,
  ) {
    const keys = by.map((one) => COLUMNS[one].column);
    const columns = ['count(*)', 'group_concat(r.total_us)', ...keys].join(', ');
    const grouped = keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')}`;
    const where = ['r.id >= :first', 'r.id < :end', 'r.lost IS NULL', ...conditions.all].join(' AND ');
    this.rows = database
      .prepare(`SELECT ${columns} FROM audit_requests r ${joinsFor(conditions)} WHERE ${where} ${grouped}`)
      .raw();
    this.names = by.map((one) => lookUp(database, COLUMNS[one].names));
  }

  /** The groups of a bucket, in the order of their values. */
  count(from: number, to: number): Group[] {
    const groups = new Map<string, Group>();
    const places = { ...this.conditions.values, first: firstIdAt(from), end: firstIdAt(to) };
    for (const [count, latencies, ...keys] of this.rows.all(places) as Row[]) {
      if (latencies === null) continue; // nothing was grouped
      // Several keys may have one name: a version whose file was another once.
      const values = keys.map((key, index) => this.names[index]?.(key) ?? null);
      const name = values.join('\n');
      const group = groups.get(name);
      if (group) {
        group.count += count;
        group.latencies.push(latencies);
      } else groups.set(name, { values, count, latencies: [latencies] });
    }
    return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  }
}

/** The name that a key stands for, looked up once; the key itself where there is no table of names. */
function lookUp(database: Database, sql: string | undefined): (key: Value) => Value {
  if (sql === undefined) return (key) => key;
  const statement = database.prepare(sql).pluck();
  const known = new Map<Value, Value>([[null, null]]);
  return (key) => {
    let name = known.get(key);
    if (name === undefined) known.set(key, (name = (statement.get(key) as Value | undefined) ?? null));
    return name;
  };
}

function firstArrival(database: Database): number | null {
  const id = database.prepare('SELECT min(id) FROM audit_requests').pluck().get() as Buffer | null;
  return id && timeOfId(id);
}

/** Buckets from a time to before another, the first and last cut to them; undefined when there are too many. */
function bucketsOf(from: number, to: number, every: number | undefined): [number, number][] | undefined {
  if (every === undefined) return [[from, to]];
  const first = Math.floor(from / every) * every;
  if ((to - first) / every > MAX_ITEMS) return undefined;
  const buckets: [number, number][] = [];
  for (let start = first; start < to; start += every)
    buckets.push([Math.max(start, from), Math.min(start + every, to)]);
  return buckets;
}

function itemOf(
  { values, count, latencies }: Group,
  by: readonly Dimension[],
  from: number,
  to: number,
): StatsItem {
  const sorted = numbersOf(latencies, count).sort();
  const rank = (share: number): number => (sorted[Math.ceil(sorted.length * share) - 1] as number) / 1000;
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...Object.fromEntries(by.map((one, index) => [one, values[index] ?? null])),
    count: sorted.length,
    latency: { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) },
  };
}

/** Reads whole numbers, separated by commas, without a text for each. */
function numbersOf(texts: readonly string[], count: number): Float64Array {
  const numbers = new Float64Array(count);
  let next = 0;
  for (const text of texts) {
    let number = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === COMMA) {
        numbers[next++] = number;
        number = 0;
      } else number = number * 10 + (code - ZERO);
    }
    numbers[next++] = number;
  }
  return numbers;
}

const COMMA = ','.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
