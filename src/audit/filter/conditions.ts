import { parseTime } from '../../units.js';
import { firstIdAt, isUuid, uuidToBytes } from '../id.js';
import { FilterError, type Comparator, type Literal, type Node } from './syntax.js';

/** A condition in SQL over the tables of a record, and the values of its places (`:f0`, `:f1` and so on). */
export interface Condition {
  sql: string;
  values: Record<string, unknown>;
}

type Restriction = Extract<Node, { kind: 'restriction' }>;
type Bind = (value: unknown) => string;

interface Field {
  /** Its value in SQL, null where a record has none. */
  sql: string;
  /** What a literal of it is in the database. @throws FilterError */
  read: (literal: Literal) => unknown;
  /** Whether its values are texts, which patterns and parts can be found in. */
  text?: boolean;
  /** Whether every record has one. */
  always?: boolean;
}

const text = (sql: string, always = false): Field => ({ sql, always, text: true, read: (one) => one.text });
const integer = (sql: string, always = false): Field => ({ sql, always, read: wholeNumber });
const duration = (sql: string, always = false): Field => ({ sql, always, read: microseconds });

/** The members of a record, as a filter names them; their tables as `AuditQueries` names them. */
const FIELDS: ReadonlyMap<string, Field> = new Map(
  Object.entries({
    id: { sql: 'r.id', always: true, read: uuid },
    seq: integer('r.seq', true),
    time: { sql: 'r.id', always: true, read: epochMilliseconds },
    completedAt: {
      sql: 'arrival_ms(r.id) + CAST(round(r.total_us / 1000.0) AS INTEGER)',
      always: true,
      read: epochMilliseconds,
    },
    'latency.total': duration('r.total_us', true),
    'latency.queue': duration('r.queue_us'),
    'latency.run': duration('r.run_us'),
    method: text('route.method', true),
    route: text("nullif(route.route, '')"),
    path: text("coalesce(r.path, nullif(route.path, ''), nullif(route.route, ''))"),
    status: integer('r.status', true),
    outcome: text('r.outcome', true),
    problem: text('r.problem'),
    principal: text("nullif(caller.principal, '')"),
    source: text("nullif(caller.source, '')"),
    userAgent: text("nullif(caller.user_agent, '')"),
    traceId: text('r.trace_id'),
    clientRequestId: text('r.client_request_id'),
    model: text('model.name'),
    version: text('version.version'),
    digest: text("nullif(version.digest, '')"),
    batch: integer('r.batch'),
    cache: text('r.cache'),
    lost: integer('r.lost'),
  } satisfies Record<string, Field>),
);

/**
 * A filter as a condition. A record that lacks a field fulfils no restriction on it but `!=`; `NOT` turns exactly that around, so a
 * filter and its negation divide all records. `field:*` holds where there is a value; `:` finds a part of a text, and is `=` for all
 * else; a `*` in a text of `=` or `!=` stands for any characters.
 * @throws FilterError naming what is wrong, and where
 */
export function conditionOf(node: Node): Condition {
  const values: Record<string, unknown> = {};
  const bind: Bind = (value) => {
    const name = `f${Object.keys(values).length}`;
    values[name] = value;
    return `:${name}`;
  };
  return { sql: sqlOf(node, bind), values };
}

function sqlOf(node: Node, bind: Bind): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${node.parts.map((part) => sqlOf(part, bind)).join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${sqlOf(node.part, bind)})`;
    case 'restriction':
      return restriction(node, bind);
  }
}

function restriction(node: Restriction, bind: Bind): string {
  const field = FIELDS.get(node.field);
  if (!field)
    throw new FilterError(
      `names ${JSON.stringify(node.field)}, which is none of ${[...FIELDS.keys()].join(', ')}`,
      node.at,
    );
  const { comparator, value } = node;
  if (comparator === ':' && !value.quoted && value.text === '*') return `(${field.sql} IS NOT NULL)`;
  if (comparator === '!=') return `(NOT ${whole(field, equality(node.field, field, value, bind))})`;
  if (comparator === '=') return whole(field, equality(node.field, field, value, bind));
  if (comparator === ':')
    return whole(
      field,
      field.text ? `instr(${field.sql}, ${bind(value.text)}) > 0` : equality(node.field, field, value, bind),
    );
  return whole(field, order(node.field, field, comparator, value, bind));
}

/** Never null, so that NOT has something to turn around. */
function whole({ always }: Field, sql: string): string {
  return always ? `(${sql})` : `coalesce(${sql}, 0)`;
}

function equality(name: string, field: Field, value: Literal, bind: Bind): string {
  if (field.text && value.text.includes('*')) return `${field.sql} GLOB ${bind(globOf(value.text))}`;
  const read = field.read(value);
  if (name === 'time')
    return `r.id >= ${bind(firstIdAt(read as number))} AND r.id < ${bind(firstIdAt((read as number) + 1))}`;
  // By its id, since that is what the index knows.
  if (name === 'model') return `r.model_id = (SELECT id FROM audit_models WHERE name = ${bind(read)})`;
  return `${field.sql} = ${bind(read)}`;
}

function order(name: string, field: Field, comparator: Comparator, value: Literal, bind: Bind): string {
  const read = field.read(value);
  if (name === 'time') {
    // An arrival is a range of ids: those of its millisecond.
    const after = comparator === '>' || comparator === '<=';
    const bound = bind(firstIdAt((read as number) + (after ? 1 : 0)));
    return `r.id ${comparator.startsWith('>') ? '>=' : '<'} ${bound}`;
  }
  const sql = `${field.sql} ${comparator} ${bind(read)}`;
  // Said in so many words, since the index of errors has just this condition.
  const errors = name === 'status' && comparator.startsWith('>') && (read as number) >= 400;
  return errors ? `${sql} AND r.status >= 400` : sql;
}

/** A pattern for GLOB, in which only `*` means more than itself. */
function globOf(pattern: string): string {
  return pattern.replaceAll(/[[?]/g, (char) => `[${char}]`);
}

function wholeNumber(literal: Literal): number {
  const number = Number(literal.text);
  if (!/^-?\d+$/.test(literal.text) || !Number.isSafeInteger(number)) throw wrong(literal, 'a whole number');
  return number;
}

const UNITS: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: 1e6,
  m: 60e6,
  h: 3600e6,
};

/** Durations are milliseconds, or have a unit. */
function microseconds(literal: Literal): number {
  const [, digits, unit = 'ms'] = /^(-?\d+(?:\.\d+)?)(us|ms|s|m|h)?$/.exec(literal.text) ?? [];
  if (digits === undefined) throw wrong(literal, 'milliseconds, or a duration such as 20ms or 1.5s');
  return Number(digits) * (UNITS[unit] as number);
}

function epochMilliseconds(literal: Literal): number {
  const time = parseTime(literal.text);
  if (time === undefined)
    throw wrong(literal, 'a time such as "2026-01-31T12:00:00Z", or epoch milliseconds');
  return time;
}

function uuid(literal: Literal): Buffer {
  if (!isUuid(literal.text)) throw wrong(literal, 'the id of a record');
  return uuidToBytes(literal.text);
}

function wrong({ text: given, at }: Literal, expected: string): FilterError {
  return new FilterError(`has ${JSON.stringify(given)} where ${expected} should be`, at);
}
