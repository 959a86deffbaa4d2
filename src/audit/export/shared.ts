import type { Database, Statement } from 'better-sqlite3';
import { InputColumns } from '../input-columns.js';

/** How many of each kind are remembered at least, some hundred bytes each; of twice as many, those asked for longest ago are forgotten. */
const REMEMBERED = 100_000;

/** Members of a record that it has in common with others, in their order. */
export type Named = Readonly<Record<string, string | null>>;

/** How one form of export writes what records have in common. */
export interface SharedForm<Part> {
  part(kind: 'route' | 'caller' | 'version', named: Named): Part;
  /** A text that stands before, between or after the values of an input. */
  mark(text: string): Buffer;
}

interface SharedRoute<Part> {
  method: string;
  route: string | null;
  part: Part;
}

/** The names in an input, and what stands around its values as a form writes it. */
export interface SharedColumns {
  columns: InputColumns;
  marks: readonly Buffer[];
}

/** What many records have in common: read and written once, not for each. */
export class Shared<Part> {
  readonly columns: Lookup<SharedColumns>;
  readonly callers: Lookup<Part>;
  private readonly routes: Lookup<SharedRoute<Part>>;
  private readonly models: Lookup<Part>;
  private readonly versions: Lookup<Part>;
  private readonly noVersion: Part;

  constructor(
    database: Database,
    private readonly form: SharedForm<Part>,
  ) {
    const versionOf = (model: string | null, version: string | null, digest: string | null): Part =>
      form.part('version', { model, version, digest });
    this.noVersion = versionOf(null, null, null);
    this.routes = new Lookup(database, 'method, route, path', 'audit_routes', ([method, route, path]) => {
      const own = { method: method ?? '', route: textOf(route) };
      return { ...own, part: form.part('route', { ...own, path: textOf(path) ?? own.route }) };
    });
    this.callers = new Lookup(
      database,
      'principal, source, user_agent',
      'audit_callers',
      ([principal, source, agent]) =>
        form.part('caller', {
          principal: textOf(principal),
          source: textOf(source),
          userAgent: textOf(agent),
        }),
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
    this.columns = new Lookup(database, 'names', 'audit_columns', ([names]) => {
      const columns = new InputColumns(JSON.parse(names ?? '[]') as string[]);
      return { columns, marks: columns.marks.map((mark) => form.mark(mark)) };
    });
  }

  /** Method, route and path. @param path of the record itself; null where it is that of its route */
  route(id: number, path: string | null): Part {
    const { method, route, part } = this.routes.get(id);
    return path === null ? part : this.form.part('route', { method, route, path });
  }

  /** By the ids of a model and of a version, as a record has both, the first or neither. */
  version(model: number | null, version: number | null): Part {
    if (version !== null) return this.versions.get(version);
    return model === null ? this.noVersion : this.models.get(model);
  }
}

/** Rows of one table, by their ids. */
export class Lookup<Value> {
  private known = new Map<number, Value>();
  private older = new Map<number, Value>();
  private readonly statement: Statement;

  constructor(
    database: Database,
    columns: string,
    table: string,
    private readonly make: (row: readonly (string | null | undefined)[]) => Value,
    private readonly remembered = REMEMBERED,
  ) {
    this.statement = database
      .prepare(`SELECT ${columns}, id FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`)
      .raw();
  }

  get(id: number): Value {
    const value = this.find(id);
    if (value !== undefined) return value;
    this.load([id]);
    return this.known.get(id) ?? this.make([]);
  }

  /** Reads those that are not known yet, all at once. */
  need(ids: readonly number[]): void {
    const missing = new Set<number>();
    for (const id of ids) if (this.find(id) === undefined) missing.add(id);
    if (missing.size > 0) this.load([...missing]);
  }

  forget(): void {
    this.known.clear();
    this.older.clear();
  }

  private find(id: number): Value | undefined {
    const value = this.known.get(id);
    if (value !== undefined) return value;
    const older = this.older.get(id);
    if (older !== undefined) this.keep(id, older);
    return older;
  }

  private keep(id: number, value: Value): void {
    if (this.known.size >= this.remembered) {
      this.older = this.known;
      this.known = new Map();
    }
    this.known.set(id, value);
  }

  private load(ids: readonly number[]): void {
    for (const row of this.statement.all(JSON.stringify(ids)) as (string | null)[][])
      this.keep(Number(row.at(-1)), this.make(row));
  }
}

/** An empty text stands for "unknown". */
function textOf(text: string | null | undefined): string | null {
  return text === '' || text === undefined ? null : text;
}
