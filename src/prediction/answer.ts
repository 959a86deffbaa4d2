import type { RowOutputs } from './model-version.js';
import type { NamedTensor } from './signature.js';
import { rowLength } from './tensors.js';
import { writeValue } from './values.js';

/** The members of an answer that hold the result, as JSON text without the braces around them. */
export function writeRow(result: RowOutputs): string {
  const [first, ...others] = result.outputs as readonly [NamedTensor, ...NamedTensor[]];
  const prediction = `"prediction":${valuesOf(first, 0, true)}`;
  return others.length === 0 ? prediction : `${prediction},"outputs":${writeOthers(others, 0)}`;
}

/** The same for many rows: `predictions`, and `outputs` with one object a row. */
export function writeRows(result: RowOutputs): string {
  const [first, ...others] = result.outputs as readonly [NamedTensor, ...NamedTensor[]];
  let predictions = '';
  let outputs = '';
  for (let row = 0; row < result.rows; row++) {
    if (row > 0) predictions += ',';
    predictions += valuesOf(first, row, true);
    if (others.length > 0) outputs += `${row > 0 ? ',' : ''}${writeOthers(others, row)}`;
  }
  return others.length === 0
    ? `"predictions":[${predictions}]`
    : `"predictions":[${predictions}],"outputs":[${outputs}]`;
}

function writeOthers(others: readonly NamedTensor[], row: number): string {
  return `{${others.map((output) => `${JSON.stringify(output.name)}:${valuesOf(output, row, false)}`).join(',')}}`;
}

/** One row of a tensor: nested arrays by its sizes; a scalar stays bare unless `asArray`. */
function valuesOf(output: NamedTensor, row: number, asArray: boolean): string {
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
