import { pointerToken, type Fault } from '../../errors.js';
import type { AnsweredRow, StoredAnswer } from './stored-answer.js';

/** What turned out to be true of one row, beside what was predicted of it: JSON texts, as they are put on record. */
export interface Truth {
  /** The row, from 0. */
  item: number;
  /** A text is a class (its label, whatever the model's own type of it); a number or an array of them is none. */
  value: string;
  predicted: string;
  /** What a classifier gave to the true class; null where the record does not say. */
  probability: number | null;
}

/** Most faults that are named of one outcome. */
const MAX_FAULTS = 20;
/** Longest label of a class, in characters. */
const MAX_LABEL = 512;
/** Most labels that a fault counts up. */
const NAMED_LABELS = 10;
/** How far the probabilities of a row may be from 1 in sum: those of float16 are. */
const TOLERANCE = 1e-2;

/**
 * Holds what a caller says to be true against what was predicted.
 * @param item the row that is meant; without it `value` is that of the only row, or an array with a value a row
 * @returns one truth a row, or what is wrong with the outcome
 */
export function truthsOf(
  { rows, many }: StoredAnswer,
  value: unknown,
  item: number | null,
): readonly Truth[] | { faults: readonly Fault[] } {
  if (item !== null) {
    const row = rows[item];
    if (!row) return oneFault('/item', `must be below ${rows.length}, the number of rows of the prediction`);
    return gather([truthOf(row, value, item, '/value')]);
  }
  const [only, ...more] = rows as readonly [AnsweredRow, ...AnsweredRow[]];
  if (more.length === 0) {
    const bare = truthOf(only, value, 0, '/value');
    if (!('pointer' in bare) || !many || !Array.isArray(value) || value.length !== 1) return gather([bare]);
    return gather([truthOf(only, (value as unknown[])[0], 0, '/value/0')]);
  }
  if (!Array.isArray(value) || value.length !== rows.length)
    return oneFault(
      '/value',
      `must be an array with one value for each of the ${rows.length} rows of the prediction, or "item" must say which row is meant`,
    );
  return gather(
    rows.map((row, index) =>
      truthOf(row, (value as unknown[])[index], index, `/value${pointerToken(index)}`),
    ),
  );
}

function gather(found: readonly (Truth | Fault)[]): readonly Truth[] | { faults: readonly Fault[] } {
  const faults = found.filter((one): one is Fault => 'pointer' in one);
  return faults.length > 0 ? { faults: faults.slice(0, MAX_FAULTS) } : (found as readonly Truth[]);
}

function oneFault(pointer: string, detail: string): { faults: readonly Fault[] } {
  return { faults: [{ pointer, detail }] };
}

function truthOf(row: AnsweredRow, value: unknown, item: number, pointer: string): Truth | Fault {
  return isClass(row) ? classTruth(row, value, item, pointer) : numericTruth(row, value, item, pointer);
}

/**
 * Whether a row was told its class. So it is where probabilities have labels, where the prediction is a text or a truth value, and
 * where it is a whole number and a further output holds two or more probabilities (numbers from 0 to 1 that add up to 1).
 */
function isClass({ values, probabilities, others }: AnsweredRow): boolean {
  if (probabilities) return true;
  const [first] = values;
  if (typeof first === 'boolean' || (typeof first === 'string' && !isNoNumber(first))) return true;
  return Number.isInteger(first) && values.length === 1 && others.some(areProbabilities);
}

function areProbabilities(values: AnsweredRow['values']): boolean {
  if (values.length < 2) return false;
  if (!values.every((value) => typeof value === 'number' && value >= 0 && value <= 1)) return false;
  const sum = (values as readonly number[]).reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) <= TOLERANCE;
}

function classTruth(row: AnsweredRow, value: unknown, item: number, pointer: string): Truth | Fault {
  const predicted = predictedLabel(row);
  if (predicted === null)
    return {
      pointer: '/prediction',
      detail: 'tells several classes of a row, for which there is no measure',
    };
  const label = labelOf(row, value);
  if (label === null) return { pointer, detail: expectedLabel(row) };
  const { probabilities } = row;
  return {
    item,
    value: JSON.stringify(label),
    predicted: JSON.stringify(predicted),
    probability: probabilities && (probabilities[label] as number),
  };
}

/** The class of a row; the most probable (of equal ones the first) where a model answers probabilities only. */
function predictedLabel({ values, probabilities }: AnsweredRow): string | null {
  if (values.length === 1) return String(values[0]);
  const entries = Object.entries(probabilities ?? {});
  if (entries.length !== values.length) return null;
  return entries.reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** The label that a caller means: by itself or as the number or truth value that it writes. Null for none of the model's. */
function labelOf({ values, probabilities }: AnsweredRow, value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  const label = String(value);
  if (label === '' || label.length > MAX_LABEL) return null;
  if (probabilities) return Object.hasOwn(probabilities, label) ? label : null;
  if (typeof values[0] === 'number') return /^-?\d{1,20}$/.test(label) ? label : null;
  if (typeof values[0] === 'boolean') return label === 'true' || label === 'false' ? label : null;
  return label;
}

function expectedLabel({ values, probabilities }: AnsweredRow): string {
  if (probabilities) {
    const labels = Object.keys(probabilities);
    const more = labels.length > NAMED_LABELS ? ` and ${labels.length - NAMED_LABELS} more` : '';
    return `must be one of the model's classes: ${labels.slice(0, NAMED_LABELS).join(', ')}${more}`;
  }
  if (typeof values[0] === 'number') return 'must be a class of the model: a whole number';
  if (typeof values[0] === 'boolean') return 'must be true or false';
  return `must be a class of the model: a text of 1 to ${MAX_LABEL} characters`;
}

function numericTruth({ values }: AnsweredRow, value: unknown, item: number, pointer: string): Truth | Fault {
  if (!values.every(isFiniteNumber))
    return { pointer: '/prediction', detail: 'is not finite, so that nothing can be measured by it' };
  const told: unknown[] = Array.isArray(value) ? (value.flat(Infinity) as unknown[]) : [value];
  if (told.length !== values.length || !told.every(isFiniteNumber))
    return {
      pointer,
      detail: values.length === 1 ? 'must be a number' : `must be an array of ${values.length} numbers`,
    };
  return { item, value: numbers(told), predicted: numbers(values), probability: null };
}

function numbers(values: readonly number[]): string {
  return JSON.stringify(values.length === 1 ? values[0] : values);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isNoNumber(text: string): boolean {
  return text === 'NaN' || text === 'Infinity' || text === '-Infinity';
}
