import type { RowOutputs } from './batch-runner.js';
import type { NamedTensor } from './signature.js';
import { rowLength } from './tensors.js';
import { writeValue } from './values.js';

/** How a classifier's probabilities are told: which output holds them, and the label of each of its columns. */
export interface Classes {
  output: number;
  labels: readonly string[];
}

/** Tells the results of one model version as the members of an answer; made once for it. */
export class AnswerWriter {
  private readonly head: string;
  /** Each label as a JSON key, with the colon. */
  private readonly keys: readonly string[];

  constructor(
    model: string,
    version: string,
    readonly classes: Classes | null,
  ) {
    this.head = `"model":${JSON.stringify(model)},"version":${JSON.stringify(version)}`;
    this.keys = classes?.labels.map((label) => `${JSON.stringify(label)}:`) ?? [];
  }

  /** An answer whole. @param members the texts of its further members */
  answer(id: string, ...members: readonly string[]): string {
    return `{"id":"${id}",${this.head},${members.join(',')}}`;
  }

  /** The members that hold the result of one row, as JSON text without the braces around them. */
  row(result: RowOutputs, row = 0): string {
    const { first, probabilities, others } = this.parts(result);
    let text = `"prediction":${valuesOf(first, row, true)}`;
    if (probabilities) text += `,"probabilities":${this.labelled(probabilities, row)}`;
    return others.length === 0 ? text : `${text},"outputs":${named(others, row)}`;
  }

  /** The same for many rows: `predictions`, and `probabilities` and `outputs` with one object a row. */
  rows(result: RowOutputs): string {
    const { first, probabilities, others } = this.parts(result);
    const each = (write: (row: number) => string): string => {
      let text = '';
      for (let row = 0; row < result.rows; row++) text += row > 0 ? `,${write(row)}` : write(row);
      return `[${text}]`;
    };
    let text = `"predictions":${each((row) => valuesOf(first, row, true))}`;
    if (probabilities) text += `,"probabilities":${each((row) => this.labelled(probabilities, row))}`;
    return others.length === 0 ? text : `${text},"outputs":${each((row) => named(others, row))}`;
  }

  /** The outputs by the place that each has in an answer. */
  parts({ outputs }: RowOutputs): AnswerParts {
    const [first, ...rest] = outputs as readonly [NamedTensor, ...NamedTensor[]];
    const { classes } = this;
    const tensor = classes ? outputs[classes.output] : undefined;
    if (!classes || !tensor || rowLength(tensor) !== classes.labels.length)
      return { first, probabilities: null, others: rest };
    return { first, probabilities: tensor, others: rest.filter((output) => output !== tensor) };
  }

  private labelled(tensor: NamedTensor, row: number): string {
    const { keys } = this;
    const from = row * keys.length;
    return `{${keys.map((key, i) => key + writeValue(tensor.type, tensor.data[from + i] as number)).join(',')}}`;
  }
}

export interface AnswerParts {
  first: NamedTensor;
  /** One column a label. */
  probabilities: NamedTensor | null;
  others: readonly NamedTensor[];
}

function named(others: readonly NamedTensor[], row: number): string {
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
