import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { InputColumns } from '../input-columns.js';

/** How many of each kind are remembered: a few hundred bytes each. */
const REMEMBERED = 50_000;

export interface SharedRoute {
  method: string;
  route: string | null;
  /** Where a record has no path of its own. */
  path: string | null;
  /** The members `method` and `route` of a record, as JSON writes them. */
  json: string;
}

export interface SharedCaller {
  principal: string | null;
  source: string | null;
  userAgent: string | null;
  json: string;
}

export interface SharedVersion {
  version: string | null;
  digest: string | null;
  json: string;
}

export interface SharedModel {
  name: string | null;
  json: string;
}

/** What many records have in common: read once, not for each. */
export class Shared {
  readonly routes: Lookup<SharedRoute>;
  readonly callers: Lookup<SharedCaller>;
  readonly models: Lookup<SharedModel>;
  readonly versions: Lookup<SharedVersion>;
  readonly columns: Lookup<InputColumns>;

  constructor(database: Database) {
    this.routes = new Lookup(database, 'method, route, path', 'audit_routes', ([method, route, path]) => {
      const named = { method: method ?? '', route: textOf(route) };
      return { ...named, path: textOf(path) ?? named.route, json: membersOf(named) };
    });
    this.callers = new Lookup(
      database,
      'principal, source, user_agent',
      'audit_callers',
      ([principal, source, userAgent]) => {
        const named = { principal: textOf(principal), source: textOf(source), userAgent: textOf(userAgent) };
        return { ...named, json: membersOf(named) };
      },
    );
    this.models = new Lookup(database, 'name', 'audit_models', ([name]) => modelOf(name ?? null));
    this.versions = new Lookup(database, 'version, digest', 'audit_versions', ([version, digest]) =>
      versionOf(version ?? null, textOf(digest)),
    );
    this.columns = new Lookup(
      database,
      'names',
      'audit_columns',
      ([names]) => new InputColumns(JSON.parse(names ?? '[]') as string[]),
    );
  }
}

/** Rows of one table, by their ids. */
export class Lookup<Value extends object> {
  private readonly known = new LRUCache<number, Value>({ max: REMEMBERED });
  private readonly statement: Statement;

  constructor(
    database: Database,
    columns: string,
    table: string,
    private readonly make: (row: readonly (string | null | undefined)[]) => Value,
  ) {
    this.statement = database
      .prepare(`SELECT ${columns}, id FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`)
      .raw();
  }

  get(id: number): Value {
    const value = this.known.get(id);
    if (value) return value;
    this.load([id]);
    return this.known.get(id) ?? this.make([]);
  }

  /** Reads those that are not known yet, all at once. */
  need(ids: Iterable<number>): void {
    const missing = new Set<number>();
    for (const id of ids) if (!this.known.has(id)) missing.add(id);
    if (missing.size > 0) this.load([...missing]);
  }

  private load(ids: readonly number[]): void {
    for (const row of this.statement.all(JSON.stringify(ids)) as (string | null)[][])
      this.known.set(Number(row.at(-1)), this.make(row));
  }
}

/** What stands for the model, and for the version, of a record that has none. */
export const NO_MODEL = modelOf(null);
export const NO_VERSION = versionOf(null, null);

function modelOf(name: string | null): SharedModel {
  return { name, json: membersOf({ model: name }) };
}

function versionOf(version: string | null, digest: string | null): SharedVersion {
  return { version, digest, json: membersOf({ version, digest }) };
}

/** An empty text stands for "unknown". */
function textOf(text: string | null | undefined): string | null {
  return text === '' || text === undefined ? null : text;
}

function membersOf(value: Record<string, unknown>): string {
  return JSON.stringify(value).slice(1, -1);
}
