import type { OrielError } from '../../errors.js';
import type { AnswerWriter } from '../answer.js';
import { valuesOf } from '../answer.js';
import type { RowOutputs } from '../batch-runner.js';
import { writeField } from '../csv/csv.js';
import type { NamedTensor } from '../signature.js';
import { rowLength } from '../tensors.js';
import { writeValue } from '../values.js';

/** What becomes of a record that cannot be answered: an error in its place, nothing, or the end of the answer. */
export type OnError = 'answer' | 'skip' | 'stop';

/** How a bulk answer is told. */
export interface AnswerForm {
  readonly contentType: string;
  readonly onError: OnError;
  /** What comes before the first row, if any does. */
  head(result: RowOutputs): string;
  row(result: RowOutputs, row: number, line: number): string;
  /** A record that is not answered, in its place or as the last words of an answer that stops. */
  error(line: number, error: OrielError): string;
}

/**
 * A JSON object a line: the members of a single answer that hold the result, or `line`, `code`, `detail` and `errors`. Where records
 * are skipped, `line` tells which are answered.
 */
export class NdjsonForm implements AnswerForm {
  readonly contentType = 'application/x-ndjson; charset=utf-8';

  constructor(
    private readonly writer: AnswerWriter,
    readonly onError: OnError,
  ) {}

  head(): string {
    return '';
  }

  row(result: RowOutputs, row: number, line: number): string {
    const number = this.onError === 'skip' ? `"line":${line},` : '';
    return `{${number}${this.writer.row(result, row)}}\n`;
  }

  error(line: number, { code, message, faults }: OrielError): string {
    const errors = faults.length > 0 ? { errors: faults } : {};
    return `${JSON.stringify({ line, code, detail: message, ...errors })}\n`;
  }
}

/**
 * A record a row: `prediction`, `probabilities.<label>`, `outputs.<name>`, each followed by `.0 .1 …` where it has several values a
 * row; what has more than one dimension a row is one field of JSON. Where records are skipped, `line` tells which are answered.
 */
export class CsvForm implements AnswerForm {
  readonly contentType = 'text/csv; charset=utf-8; header=present';

  constructor(
    private readonly writer: AnswerWriter,
    readonly onError: OnError,
  ) {}

  head(result: RowOutputs): string {
    const { first, probabilities, others } = this.writer.parts(result);
    const labels = this.writer.classes?.labels ?? [];
    const names = [
      ...(this.numbered ? ['line'] : []),
      ...columnsOf(first, 'prediction'),
      ...(probabilities ? labels.map((label) => `probabilities.${label}`) : []),
      ...others.flatMap((output) => columnsOf(output, `outputs.${output.name}`)),
    ];
    return `${names.map(writeField).join(',')}\n`;
  }

  row(result: RowOutputs, row: number, line: number): string {
    const { first, probabilities, others } = this.writer.parts(result);
    let text = this.numbered ? `${line},` : '';
    text += fieldsOf(first, row);
    if (probabilities) text += `,${fieldsOf(probabilities, row)}`;
    for (const output of others) text += `,${fieldsOf(output, row)}`;
    return `${text}\n`;
  }

  error(line: number, { message, faults }: OrielError): string {
    const named = faults.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; ');
    return `${writeField(`stopped at line ${line}: ${named || message}`)}\n`;
  }

  private get numbered(): boolean {
    return this.onError === 'skip';
  }
}

function columnsOf(output: NamedTensor, name: string): string[] {
  if (!isList(output)) return [name];
  return Array.from({ length: rowLength(output) }, (_, column) => `${name}.${column}`);
}

function fieldsOf(output: NamedTensor, row: number): string {
  const length = rowLength(output);
  if (output.parts || (length !== 1 && !isList(output))) return writeField(valuesOf(output, row, true));
  let text = '';
  for (let i = 0; i < length; i++) {
    if (i > 0) text += ',';
    const value = output.data[row * length + i] as number | bigint | string;
    text += typeof value === 'string' ? writeField(value) : bare(writeValue(output.type, value));
  }
  return text;
}

/** Whether a row of an output is a list of values, which are a column each. */
function isList(output: NamedTensor): boolean {
  return !output.parts && output.dims.length === 2 && rowLength(output) !== 1;
}

/** JSON quotes what it has no number for; CSV need not. */
function bare(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1) : text;
}
