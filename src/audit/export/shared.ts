import type { Database, Statement } from 'better-sqlite3';
import { csvCell } from './csv-cell.js';
import { InputColumns } from '../input-columns.js';

/** How many of each kind are remembered, a few hundred bytes each; beyond it all are read anew. */
const REMEMBERED = 50_000;

export interface SharedRoute {
  method: string;
  route: string | null;
  /** Where a record has no path of its own. */
  path: string | null;
  texts: Texts;
}

export interface SharedCaller {
  principal: string | null;
  source: string | null;
  userAgent: string | null;
  texts: Texts;
}

/** A version, and the model that it is of. */
export interface SharedVersion {
  model: string | null;
  version: string | null;
  digest: string | null;
  texts: Texts;
}

/** Members as a part of a record in JSON, and as cells of a line of CSV; each is made when it is first wanted. */
export class Texts {
  private asJson: string | undefined;
  private asCsv: string | undefined;

  constructor(private readonly named: Readonly<Record<string, string | null>>) {}

  get json(): string {
    return (this.asJson ??= JSON.stringify(this.named).slice(1, -1));
  }

  get csv(): string {
    return (this.asCsv ??= Object.values(this.named).map(csvCell).join(','));
  }
}

/** What many records have in common: read once, not for each. */
export class Shared {
  readonly routes: Lookup<SharedRoute>;
  readonly callers: Lookup<SharedCaller>;
  readonly columns: Lookup<InputColumns>;
  private readonly models: Lookup<SharedVersion>;
  private readonly versions: Lookup<SharedVersion>;

  constructor(database: Database) {
    this.routes = new Lookup(database, 'method, route, path', 'audit_routes', ([method, route, path]) => {
      const named = { method: method ?? '', route: textOf(route) };
      return { ...named, path: textOf(path) ?? named.route, texts: new Texts(named) };
    });
    this.callers = new Lookup(
      database,
      'principal, source, user_agent',
      'audit_callers',
      ([principal, source, userAgent]) => {
        const named = { principal: textOf(principal), source: textOf(source), userAgent: textOf(userAgent) };
        return { ...named, texts: new Texts(named) };
      },
    );
    this.models = new Lookup(database, 'name', 'audit_models', ([name]) =>
      versionOf(name ?? null, null, null),
    );
    this.versions = new Lookup(
      database,
      '(SELECT name FROM audit_models WHERE id = model_id), version, digest',
      'audit_versions',
      ([model, version, digest]) => versionOf(model ?? null, version ?? null, textOf(digest)),
    );
    this.columns = new Lookup(
      database,
      'names',
      'audit_columns',
      ([names]) => new InputColumns(JSON.parse(names ?? '[]') as string[]),
    );
  }

  /** By the ids of a model and of a version, as a record has both, the first or neither. */
  versionOf(model: number | null, version: number | null): SharedVersion {
    if (version !== null) return this.versions.get(version);
    return model === null ? NO_VERSION : this.models.get(model);
  }
}

/** Rows of one table, by their ids. */
export class Lookup<Value extends object> {
  private readonly known = new Map<number, Value>();
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
    if (this.known.size > REMEMBERED) this.known.clear();
    for (const row of this.statement.all(JSON.stringify(ids)) as (string | null)[][])
      this.known.set(Number(row.at(-1)), this.make(row));
  }
}

/** What stands for the version of a record that has none. */
const NO_VERSION = versionOf(null, null, null);

function versionOf(model: string | null, version: string | null, digest: string | null): SharedVersion {
  const named = { model, version, digest };
  return { ...named, texts: new Texts(named) };
}

/** An empty text stands for "unknown". */
function textOf(text: string | null | undefined): string | null {
  return text === '' || text === undefined ? null : text;
}
