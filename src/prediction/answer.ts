import type { RowOutputs } from './model-version.js';
import type { NamedTensor } from './signature.js';
import { rowLength } from './tensors.js';
import { writeValue } from './values.js';

/** How a classifier's probabilities are told: which output holds them, and the label of each of its columns. */
export interface Classes {
  output: number;
  labels: readonly string[];
}

/** The members of an answer that hold the result, as JSON text without the braces around them. */
export function writeRow(result: RowOutputs, classes: Classes | null = null): string {
  const { first, probabilities, others } = partsOf(result, classes);
  let text = `"prediction":${valuesOf(first, 0, true)}`;
  if (probabilities) text += `,"probabilities":${labelled(probabilities, 0)}`;
  return others.length === 0 ? text : `${text},"outputs":${writeOthers(others, 0)}`;
}

/** The same for many rows: `predictions`, and `probabilities` and `outputs` with one object a row. */
export function writeRows(result: RowOutputs, classes: Classes | null = null): string {
  const { first, probabilities, others } = partsOf(result, classes);
  const each = (write: (row: number) => string): string => {
    let text = '';
    for (let row = 0; row < result.rows; row++) text += row > 0 ? `,${write(row)}` : write(row);
    return `[${text}]`;
  };
  let text = `"predictions":${each((row) => valuesOf(first, row, true))}`;
  if (probabilities) text += `,"probabilities":${each((row) => labelled(probabilities, row))}`;
  return others.length === 0 ? text : `${text},"outputs":${each((row) => writeOthers(others, row))}`;
}

interface Probabilities {
  tensor: NamedTensor;
  /** Each label as a JSON key, with the colon. */
  keys: readonly string[];
}

function partsOf(
  { outputs }: RowOutputs,
  classes: Classes | null,
): { first: NamedTensor; probabilities: Probabilities | null; others: readonly NamedTensor[] } {
  const [first, ...rest] = outputs as readonly [NamedTensor, ...NamedTensor[]];
  const tensor = classes ? outputs[classes.output] : undefined;
  if (!classes || !tensor || rowLength(tensor) !== classes.labels.length)
    return { first, probabilities: null, others: rest };
  const keys = classes.labels.map((label) => `${JSON.stringify(label)}:`);
  return { first, probabilities: { tensor, keys }, others: rest.filter((output) => output !== tensor) };
}

function labelled({ tensor, keys }: Probabilities, row: number): string {
  const from = row * keys.length;
  return `{${keys.map((key, i) => key + writeValue(tensor.type, tensor.data[from + i] as number)).join(',')}}`;
}

function writeOthers(others: readonly NamedTensor[], row: number): string {
  return `{${others.map((output) => `${JSON.stringify(output.name)}:${valuesOf(output, row, false)}`).join(',')}}`;
}

/** One row of a tensor: nested arrays by its sizes; a scalar stays bare unless `asArray`. */
export function valuesOf(output: NamedTensor, row: number, asArray: boolean): string {
  const part = output.parts?.[row];
  if (part) return valuesOf(part, 0, asArray);
  const length = rowLength(output);
  const sizes = output.dims.slice(1);
  if (sizes.length === 0) {
    const value = writeValue(output.type, output.data[row] as number | bigint | string);
    return asArray ? `[${value}]` : value;
  }
  return nest(output, row * length, sizes, length);
}

function nest(output: NamedTensor, from: number, sizes: readonly number[], length: number): string {
  const [size = 0, ...rest] = sizes;
  const step = size === 0 ? 0 : length / size;
  let text = '[';
  for (let i = 0; i < size; i++) {
    if (i > 0) text += ',';
    const at = from + i * step;
    text +=
      rest.length === 0
        ? writeValue(output.type, output.data[at] as number | bigint | string)
        : nest(output, at, rest, step);
  }
  return `${text}]`;
}
