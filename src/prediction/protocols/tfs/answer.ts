import { valuesOf } from '../../answer.js';
import type { RowOutputs } from '../../batch-runner.js';
import type { NamedTensor } from '../../signature.js';

/** The answer to the row form: a value a row, or an object of named outputs where there are several. */
export function writePredictions({ rows, outputs }: RowOutputs): string {
  return `{"predictions":${rowsOf(rows, outputs)}}`;
}

/**
 * The answer to the column form: each output's whole tensor.
 * @param whole whether the one row is all of the tensor
 */
export function writeOutputs({ rows, outputs }: RowOutputs, whole: boolean): string {
  const tensor = (output: NamedTensor): string =>
    whole ? valuesOf(output, 0, false) : rowsOf(rows, [output]);
  const [only, ...more] = outputs as readonly [NamedTensor, ...NamedTensor[]];
  if (more.length === 0) return `{"outputs":${tensor(only)}}`;
  return `{"outputs":{${outputs.map((output) => `${JSON.stringify(output.name)}:${tensor(output)}`).join(',')}}}`;
}

/** Each row's values as a JSON array: bare for one output, named for several. */
export function rowsOf(rows: number, outputs: readonly NamedTensor[]): string {
  const keys = outputs.map(({ name }) => `${JSON.stringify(name)}:`);
  const [only, ...more] = outputs as readonly [NamedTensor, ...NamedTensor[]];
  const one = (row: number): string =>
    more.length === 0
      ? valuesOf(only, row, false)
      : `{${outputs.map((output, index) => `${keys[index]}${valuesOf(output, row, false)}`).join(',')}}`;
  let text = '';
  for (let row = 0; row < rows; row++) text += row > 0 ? `,${one(row)}` : one(row);
  return `[${text}]`;
}
