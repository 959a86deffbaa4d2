import { valuesOf } from '../../answer.js';
import type { RowOutputs } from '../../batch-runner.js';
import type { NamedTensor } from '../../signature.js';
import { rowLength } from '../../tensors.js';
import { inputMember } from '../body.js';
import type { Tongue } from '../interpreter.js';
import { RowCollector } from '../row-collector.js';
import { rowsOf } from '../tfs/answer.js';
import { addColumns } from '../tfs/columns.js';
import { addInstances } from '../tfs/instances.js';
import { addCsv } from './csv-rows.js';
import { addRecords, addSplit } from './dataframes.js';

const FORMS = {
  dataframe_split: addSplit,
  dataframe_records: addRecords,
  instances: addInstances,
  inputs: addColumns,
} as const;

/** Reads the body of MLflow's `/invocations`: JSON in one of four forms. */
export function jsonTongue(body: unknown): Tongue {
  return (layout, encoder) => {
    const rows = new RowCollector(encoder);
    const input = inputMember(body, Object.keys(FORMS), [], rows);
    if (input) FORMS[input.form as keyof typeof FORMS](input.value, input.pointer, layout, rows);
    const whole = layout.whole && input?.form === 'inputs';
    return { rows: rows.done(), write: (result) => writeInvocation(result, whole) };
  };
}

/** Reads the body of MLflow's `/invocations` as CSV. */
export function csvTongue(text: string): Tongue {
  return (layout, encoder) => {
    const rows = new RowCollector(encoder);
    addCsv(text, layout, rows);
    return { rows: rows.done(), write: (result) => writeInvocation(result, false) };
  };
}

/**
 * The answer as MLflow shapes it: a flat list where a row has one value, lists in a list where it has more, objects of named outputs
 * where there are several.
 * @param whole whether the one row is all that the model gives at once
 */
export function writeInvocation({ rows, outputs }: RowOutputs, whole: boolean): string {
  const [only, ...more] = outputs as readonly [NamedTensor, ...NamedTensor[]];
  if (whole && more.length === 0) return `{"predictions":${valuesOf(only, 0, false)}}`;
  return `{"predictions":${rowsOf(rows, outputs.map(flat))}}`;
}

/** A tensor of one value a row, without the brackets around each. */
function flat(output: NamedTensor): NamedTensor {
  if (output.parts || output.dims.length < 2 || rowLength(output) !== 1) return output;
  return { ...output, dims: output.dims.slice(0, 1) };
}
