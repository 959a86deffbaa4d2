import { countOfFaults, MAX_FAULTS, OrielError, pointerToken, type Fault } from '../errors.js';
import type { Feature } from './features.js';
import type { ElementType, Signature } from './signature.js';
import { encodeValue, expectation, floatLimit, isFloat, valueOfText, type Encoded } from './values.js';

/** Rows ready for tensors: for each input its values, row after row. */
export interface EncodedRows {
  rows: number;
  values: Encoded[][];
  /** For models whose rows may differ in size: for each row the sizes of what it gave for each input. Else empty. */
  sizes: (readonly number[])[][];
}

type Put = (value: unknown, into: Encoded[], pointer: string, faults: Fault[]) => void;

interface Column {
  feature: Feature;
  /** The feature's name as a JSON key, with the colon. */
  key: string;
  put: Put;
  fallback: unknown;
}

/** Checks rows of named features and lays their values out for the model; made once for a model version. */
export class RowEncoder {
  private readonly columns: readonly Column[];
  private readonly types: ReadonlyMap<string, ElementType>;
  private readonly inputs: number;
  /** Whether rows may differ in size. Each feature is then an input of its own. */
  private readonly open: boolean;
  /** Most rows of one request: what is beyond them is not laid out. */
  private readonly mostRows: number;

  /** @param mostElements most values of one request, over all rows and features */
  constructor(
    readonly features: readonly Feature[],
    signature: Signature,
    private readonly mostElements = Infinity,
  ) {
    const width = features.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
    this.mostRows = Math.max(1, Math.floor(mostElements / Math.max(1, width)));
    this.inputs = signature.inputs.length;
    this.open = features.some(({ shape }) => shape.includes(null));
    this.types = new Map(features.map(({ name, type }) => [name, type]));
    this.columns = features.map((feature) => ({
      feature,
      key: `${JSON.stringify(feature.name)}:`,
      put: putter(feature),
      fallback: feature.config.default,
    }));
  }

  empty(): EncodedRows {
    return {
      rows: 0,
      values: this.inputs === 1 ? [[]] : Array.from({ length: this.inputs }, () => []),
      sizes: [],
    };
  }

  /**
   * Adds one row, or names everything that is wrong with it; after a fault `into` is of no use.
   * @throws OrielError `too-many-elements`
   */
  add(row: unknown, pointer: string, into: EncodedRows, faults: Fault[]): void {
    if (into.rows >= this.mostRows) throw tooManyElements(this.mostElements);
    if (faults.length >= MAX_FAULTS) return; // no more of them would be named
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      fault(faults, pointer, 'must be an object that names the features');
      return;
    }
    const given = row as Record<string, unknown>;
    let found = 0;
    for (const { feature, put, fallback } of this.columns) {
      const value = given[feature.name];
      const values = into.values[feature.input] as Encoded[];
      if (value !== undefined && (value !== INHERITED[feature.name] || Object.hasOwn(given, feature.name))) {
        found++;
        put(value, values, pointer, faults);
      } else if (fallback !== undefined) put(fallback, values, pointer, faults);
      else fault(faults, pointer + pointerToken(feature.name), 'is missing');
    }
    into.rows++;
    if (this.open) {
      into.sizes.push(
        this.columns.map(({ feature, fallback }) => sizesOf(given[feature.name] ?? fallback, feature.shape)),
      );
    }
    let keys = 0;
    for (const _key in given) keys++;
    if (keys !== found) this.nameUnknown(given, pointer, faults);
  }

  /** Adds one row, or leaves `into` as it was. @returns what is wrong with the row, nothing where it was added */
  tryAdd(row: unknown, into: EncodedRows): readonly Fault[] {
    const { rows } = into;
    const lengths = into.values.map(({ length }) => length);
    const faults: Fault[] = [];
    this.add(row, '', into, faults);
    if (faults.length === 0) return faults;
    into.rows = rows;
    into.values.forEach((values, input) => (values.length = lengths[input] as number));
    into.sizes.length = Math.min(into.sizes.length, rows);
    return faults;
  }

  /** The row as one JSON text that depends on its values alone: features in the model's order, defaults filled in. */
  canonical(row: Readonly<Record<string, unknown>>): string {
    let text = '{';
    for (const { feature, key, fallback } of this.columns) {
      const own = Object.hasOwn(row, feature.name) ? row[feature.name] : undefined;
      const value = own === undefined ? fallback : own;
      if (text.length > 1) text += ',';
      text += key + (typeof value === 'number' ? numberText(value) : JSON.stringify(value));
    }
    return `${text}}`;
  }

  /**
   * The row that the parameters of a query make: texts, read as the features have them.
   * @throws OrielError `invalid-input` for a parameter given twice; what else is wrong, `add` finds
   */
  rowOfTexts(texts: Readonly<Record<string, string | string[]>>): Record<string, unknown> {
    const row = Object.create(null) as Record<string, unknown>; // a parameter may be called __proto__
    const faults: Fault[] = [];
    for (const [name, text] of Object.entries(texts)) {
      if (name === '' && text === '') continue; // a stray "?&"
      const type = this.types.get(name);
      if (typeof text !== 'string') fault(faults, pointerToken(name), 'must be given once');
      else row[name] = type === undefined ? text : valueOfText(type, text);
    }
    if (faults.length > 0) throw invalidInput(faults);
    return row;
  }

  private nameUnknown(given: object, pointer: string, faults: Fault[]): void {
    for (const name of Object.keys(given)) {
      if (!this.types.has(name))
        fault(faults, pointer + pointerToken(name), 'is not a feature of this model');
    }
  }
}

/** A value of open size counts as one here: the values that it has are in the body. */
function elementsOf(shape: Feature['shape']): number {
  return shape.reduce<number>((product, size) => product * (size ?? 1), 1);
}

/** Also of −0, which a model may tell from 0. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** What a bare object already answers for a name such as `constructor`. */
const INHERITED = {} as Readonly<Record<string, unknown>>;

function putter(feature: Feature): Put {
  const { type, shape, config, name } = feature;
  const where = pointerToken(name);
  const check = bounds(feature);
  const scalar: Put = (value, into, pointer, faults) => {
    const encoded =
      value === null && config.nullable === true && isFloat(type) ? NaN : encodeValue(type, value);
    if (encoded === undefined) return fault(faults, pointer, expectation(type));
    const outside = check(encoded);
    if (outside) return fault(faults, pointer, outside);
    into.push(encoded);
  };
  if (shape.length > 0)
    return (value, into, pointer, faults) =>
      putNested(value, sizesOf(value, shape), scalar, into, pointer + where, faults);
  if (!isFloat(type) || config.values)
    return (value, into, pointer, faults) => scalar(value, into, pointer + where, faults);
  // The common case, a plain number, without a call more than it needs.
  const limit = floatLimit(type);
  const min = Math.max(config.min ?? -limit, -limit);
  const max = Math.min(config.max ?? limit, limit);
  return (value, into, pointer, faults) => {
    if (typeof value === 'number' && value >= min && value <= max) into.push(value);
    else scalar(value, into, pointer + where, faults);
  };
}

/** The sizes that a value must have: the graph's, and where that leaves one open, what the value's first part has. */
function sizesOf(value: unknown, shape: readonly (number | null)[]): number[] {
  let part = value;
  return shape.map((size) => {
    const length = Array.isArray(part) ? part.length : 0;
    part = Array.isArray(part) ? (part as unknown[])[0] : undefined;
    return size ?? length;
  });
}

function putNested(
  value: unknown,
  shape: readonly number[],
  scalar: Put,
  into: Encoded[],
  pointer: string,
  faults: Fault[],
): void {
  const [size, ...rest] = shape;
  if (size === undefined) return scalar(value, into, pointer, faults);
  if (!Array.isArray(value) || value.length !== size) {
    return fault(faults, pointer, size === 0 ? 'must be an array' : `must be an array of ${size}`);
  }
  value.forEach((item, index) => putNested(item, rest, scalar, into, pointer + pointerToken(index), faults));
}

/** What `min`, `max` and `values` refuse, in words; undefined when the value is within. NaN is within no bounds. */
function bounds({ type, config }: Feature): (encoded: Encoded) => string | undefined {
  const { min, max, values, nullable } = config;
  const allowed = values ? new Set(values.map((one) => encodeValue(type, one))) : undefined;
  return (encoded) => {
    if (nullable && Number.isNaN(encoded)) return undefined;
    if (allowed && !allowed.has(encoded))
      return `must be one of ${values?.map((one) => JSON.stringify(one)).join(', ')}`;
    if (typeof encoded === 'string') return undefined;
    if (min !== undefined && !(encoded >= min)) return `must be at least ${min}`;
    if (max !== undefined && !(encoded <= max)) return `must be at most ${max}`;
    return undefined;
  };
}

/** The refusal of a request that would make more values than a request may. */
export function tooManyElements(most: number): OrielError {
  const detail = `The request has more than ${most} values for a tensor (ORIEL_ELEMENTS).`;
  return new OrielError('tooLarge', 'too-many-elements', detail);
}

function fault(faults: Fault[], pointer: string, detail: string): void {
  if (faults.length < MAX_FAULTS) faults.push({ pointer, detail });
}

/** The refusal of an input in which these faults were found. */
export function invalidInput(faults: readonly Fault[]): OrielError {
  return new OrielError('invalid', 'invalid-input', countOfFaults(faults, 'value', 'input'), { faults });
}
