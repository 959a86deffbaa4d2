/**
 * The predictions in an answer as its record keeps it, whichever protocol it was given in: `/predict` (one row, rows, a file of
 * them), TF Serving and MLflow (`predictions`, `outputs`), and the Open Inference Protocol (`outputs` with `data`).
 */

/** One element of a prediction; what JSON has no number for stands as `NaN`, `Infinity` or `-Infinity`. */
export type Element = number | string | boolean;

/** What was answered to one row. */
export interface AnsweredRow {
  /** The elements of the first output, in row-major order; at least one. */
  readonly values: readonly Element[];
  /** What a classifier gave to each label, where the answer names them. */
  readonly probabilities: Readonly<Record<string, number>> | null;
  /** The elements of each further output. */
  readonly others: readonly (readonly Element[])[];
}

export interface StoredAnswer {
  readonly rows: readonly AnsweredRow[];
  /** Whether it was given as an array of rows, though it may be of one. */
  readonly many: boolean;
}

/** Why there are no predictions to be had from an answer, for the caller. */
export interface Unreadable {
  readonly reason: string;
}

type Json = Readonly<Record<string, unknown>>;

const NOTHING = 'Its answer on record holds no prediction.';
/** How the classification extension writes a value: `0.900000:2:blue`. */
const CLASSIFICATION = /^(-?\d+(\.\d+)?|nan|-?inf):\d+(:|$)/;

/** @param text the output of a record, whole and as it was answered */
export function readAnswer(text: string): StoredAnswer | Unreadable {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { reason: NOTHING };
  }
  if (!isObject(answer)) return { reason: NOTHING };
  const read = formOf(answer);
  if ('reason' in read) return read;
  if (read.rows.length === 0) return { reason: 'It was a prediction of no rows.' };
  return read.rows.every(({ values }) => values.length > 0) ? read : { reason: NOTHING };
}

function formOf(answer: Json): StoredAnswer | Unreadable {
  const { prediction, predictions, answers, outputs } = answer;
  if (prediction !== undefined) return { rows: [ownRow(answer)], many: false };
  if (Array.isArray(predictions)) return ofRows(predictions, answer);
  if (Array.isArray(answers)) return ofFile(answers, answer);
  if (Array.isArray(outputs) && outputs.length > 0 && outputs.every(isTensor)) return ofTensors(outputs);
  if (outputs !== undefined) return ofColumns(outputs);
  return { reason: NOTHING };
}

/** `{"prediction": […], "probabilities": {…}, "outputs": {…}}` */
function ownRow({ prediction, probabilities, outputs }: Json): AnsweredRow {
  return {
    values: elements(prediction),
    probabilities: labelled(probabilities),
    others: isObject(outputs) ? Object.values(outputs).map(elements) : [],
  };
}

/** `{"predictions": [row, …]}`: a row is its values, or an object of named outputs. */
function ofRows(predictions: readonly unknown[], { probabilities, outputs }: Json): StoredAnswer {
  const beside = (member: unknown, row: number): unknown =>
    Array.isArray(member) ? (member as unknown[])[row] : undefined;
  const rows = predictions.map((prediction, row) =>
    isObject(prediction)
      ? named(Object.values(prediction))
      : ownRow({ prediction, probabilities: beside(probabilities, row), outputs: beside(outputs, row) }),
  );
  return { rows, many: true };
}

/** `{"answered": 2, "failed": 0, "answers": [{"prediction": […]}, …]}` */
function ofFile(answers: readonly unknown[], { failed }: Json): StoredAnswer | Unreadable {
  if (failed !== 0)
    return { reason: 'Some of its rows failed, so its record does not say which answer is of which row.' };
  return { rows: answers.filter(isObject).map(ownRow), many: true };
}

/** `{"outputs": tensor}` or `{"outputs": {name: tensor, …}}`, each with a row an element. */
function ofColumns(outputs: unknown): StoredAnswer | Unreadable {
  const columns = isObject(outputs) ? Object.values(outputs) : [outputs];
  const [first] = columns;
  if (!Array.isArray(first)) return { rows: [named(columns)], many: false };
  if (columns.some((column) => !Array.isArray(column) || column.length !== first.length))
    return { reason: 'Its outputs are of different lengths, so they are not of rows.' };
  return {
    rows: first.map((_, row) => named(columns.map((column) => (column as unknown[])[row]))),
    many: true,
  };
}

/** `{"outputs": [{"name", "datatype", "shape", "data"}, …]}`: a row is an index of the first dimension, where all outputs have the same. */
function ofTensors(tensors: readonly Tensor[]): StoredAnswer | Unreadable {
  if (tensors.some(({ data }) => data === undefined))
    return { reason: 'Its outputs were answered as bytes, which its record does not keep.' };
  const flat = tensors.map(({ data }) => elements(data));
  if (flat[0]?.some((value) => typeof value === 'string' && CLASSIFICATION.test(value)))
    return { reason: 'It was answered as a classification, in which the prediction itself is not told.' };
  const [size] = (tensors[0] as Tensor).shape;
  const batched = size !== undefined && tensors.every(({ shape }) => shape[0] === size);
  const count = batched ? size : 1;
  const rowOf = (values: readonly Element[], row: number): readonly Element[] => {
    const length = values.length / count;
    return values.slice(row * length, (row + 1) * length);
  };
  const rows = Array.from({ length: count }, (_, row) => {
    const [values = [], ...others] = flat.map((tensor) => rowOf(tensor, row));
    return { values, probabilities: null, others };
  });
  return { rows, many: batched };
}

function named(outputs: readonly unknown[]): AnsweredRow {
  const [values = [], ...others] = outputs.map(elements);
  return { values, probabilities: null, others };
}

function labelled(probabilities: unknown): Readonly<Record<string, number>> | null {
  if (!isObject(probabilities)) return null;
  const numbers = Object.entries(probabilities).filter((entry): entry is [string, number] =>
    Number.isFinite(entry[1]),
  );
  return numbers.length === 0 ? null : Object.fromEntries(numbers);
}

/** The elements of a value, however deep they are nested; what is none (null) is left out. */
function elements(value: unknown): readonly Element[] {
  if (Array.isArray(value)) return value.flatMap(elements);
  return isElement(value) ? [value] : [];
}

function isElement(value: unknown): value is Element {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

interface Tensor {
  readonly shape: readonly number[];
  readonly data?: unknown;
}

function isTensor(value: unknown): value is Tensor {
  return isObject(value) && typeof value.datatype === 'string' && Array.isArray(value.shape);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
