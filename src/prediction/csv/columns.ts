import { pointerToken, type Fault } from '../../errors.js';
import type { Feature } from '../features.js';
import type { ElementType } from '../signature.js';
import { isFloat, valueOfText } from '../values.js';
import type { CsvField } from './csv.js';

/** How pandas writes what JSON has strings for. */
const SPECIAL: Readonly<Record<string, string>> = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' };

/**
 * The columns of a CSV whose header names the features of a model. An empty field is missing: the feature's default, else null.
 */
export class CsvColumns {
  /** What is wrong with the header. */
  readonly faults: readonly Fault[];
  /** Features that the header leaves out and that have no default. */
  readonly missing: readonly string[];
  private readonly columns: readonly (Column | undefined)[];
  /** Whether any object can hold a row: one with a prototype cannot have a member `__proto__`. */
  private readonly plain: boolean;

  constructor(header: readonly CsvField[], features: readonly Feature[]) {
    const byName = new Map(features.map((feature) => [feature.name, feature]));
    const faults: Fault[] = [];
    const seen = new Set<string>();
    this.columns = header.map((field) => {
      const name = field ?? '';
      const feature = byName.get(name);
      if (!feature) faults.push({ pointer: pointerToken(name), detail: 'is not a feature of this model' });
      else if (seen.has(name))
        faults.push({ pointer: pointerToken(name), detail: 'is named twice in the header' });
      seen.add(name);
      return feature && { name, read: readerOf(feature) };
    });
    this.missing = features
      .filter(({ name, config }) => !seen.has(name) && config.default === undefined)
      .map(({ name }) => name);
    for (const name of this.missing)
      faults.push({ pointer: pointerToken(name), detail: 'is missing from the header' });
    this.faults = faults;
    this.plain = !seen.has('__proto__');
  }

  /** A record as a row of named features, or in words why it is none. */
  row(record: readonly CsvField[]): Record<string, unknown> | string {
    const { columns } = this;
    if (record.length !== columns.length)
      return `has ${record.length} fields, the header has ${columns.length}`;
    const row = this.plain ? {} : (Object.create(null) as Record<string, unknown>);
    for (let i = 0; i < record.length; i++) {
      const column = columns[i];
      if (column) row[column.name] = column.read(record[i] as CsvField);
    }
    return row;
  }
}

interface Column {
  name: string;
  read: (field: CsvField) => unknown;
}

/** How the fields of a feature are read; what is none of its values stays a text, which the feature refuses. */
function readerOf({ type, config, shape }: Feature): (field: CsvField) => unknown {
  const missing = config.default === undefined ? null : undefined;
  const read =
    shape.length > 0 ? nestedOf : type === 'string' ? asItIs : (field: string) => scalarOf(field, type);
  if (!isFloat(type) || shape.length > 0) return (field) => (field === null ? missing : read(field));
  return (field) => {
    if (field === null) return missing;
    // The common case, a decimal number, without a call more than it needs: `0x10` and the like are none.
    const first = field.charCodeAt(0);
    if ((first >= ZERO && first <= NINE) || first === MINUS) {
      const number = Number(field);
      if (number - number === 0 && !(field.charCodeAt(1) > NINE && first === ZERO)) return number;
    }
    return read(field);
  };
}

const ZERO = 48;
const NINE = 57;
const MINUS = 45;

function asItIs(field: string): string {
  return field;
}

function scalarOf(field: string, type: ElementType): unknown {
  const text = field.trim();
  if (type === 'bool') return valueOfText(type, text.toLowerCase());
  return valueOfText(type, isFloat(type) ? (SPECIAL[text.toLowerCase()] ?? text) : text);
}

/** A value of several elements is written as JSON. */
function nestedOf(field: string): unknown {
  try {
    return JSON.parse(field) as unknown;
  } catch {
    return field;
  }
}
