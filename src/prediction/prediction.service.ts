import { Injectable } from '@nestjs/common';
import type { AuditNotes } from '../audit/record.js';
import { OrielError, pointerToken, type Fault } from '../errors.js';
import { writeRow, writeRows } from './answer.js';
import { Catalog, type VersionChoice } from './catalog.js';
import type { ModelVersion, RowOutputs } from './model-version.js';
import { valueOfText } from './values.js';

/** What a caller asks of a model, whatever it came as. */
export interface PredictionRequest {
  /** Id of the request, and so of the prediction. */
  id: string;
  model: string;
  choice: VersionChoice;
  /** One row, or an array of rows. */
  body: unknown;
}

/** Answers rows of named features: the one place that every route to a model goes through. */
@Injectable()
export class PredictionService {
  constructor(private readonly catalog: Catalog) {}

  /**
   * @param notes filled in as soon as something is known, so that a failure too is recorded under its model
   * @throws OrielError `unknown-model`, `unknown-version`, `unknown-label`, `invalid-input`, `queue-full`, …
   */
  async predict({ id, model, choice, body }: PredictionRequest, notes: AuditNotes): Promise<string> {
    notes.model = model;
    const version = this.catalog.ready(model, choice);
    notes.version = version.parts.version;
    notes.digest = version.parts.digest;
    return Array.isArray(body)
      ? this.predictRows(id, version, body, notes)
      : this.predictRow(id, version, body, notes);
  }

  /** The row that the parameters of a query make: texts, read as the model's features have them. */
  rowOfQuery(
    model: string,
    choice: VersionChoice,
    query: Readonly<Record<string, string | string[]>>,
  ): Record<string, unknown> {
    const { features } = this.catalog.ready(model, choice);
    const types = new Map(features.map(({ name, type }) => [name, type]));
    const row: Record<string, unknown> = {};
    const faults: Fault[] = [];
    for (const [name, text] of Object.entries(query)) {
      if (name === '' && text === '') continue; // a stray "?&"
      const type = types.get(name);
      if (typeof text !== 'string')
        faults.push({ pointer: pointerToken(name), detail: 'must be given once' });
      else row[name] = type === undefined ? text : valueOfText(type, text);
    }
    if (faults.length > 0) throw invalidInput(faults);
    return row;
  }

  private async predictRow(
    id: string,
    version: ModelVersion,
    row: unknown,
    notes: AuditNotes,
  ): Promise<string> {
    const { encoder } = version.parts;
    const encoded = encoder.empty();
    const faults: Fault[] = [];
    encoder.add(row, '', encoded, faults);
    if (faults.length > 0) throw invalidInput(faults);
    const input = encoder.canonical(row as Record<string, unknown>);
    notes.input = input;
    const result = await version.run(encoded);
    const output = writeRow(result, version.classes);
    note(notes, result, output);
    return `${head(id, version)},"input":${input},${output}}`;
  }

  private async predictRows(
    id: string,
    version: ModelVersion,
    rows: readonly unknown[],
    notes: AuditNotes,
  ): Promise<string> {
    const { encoder } = version.parts;
    const encoded = encoder.empty();
    const faults: Fault[] = [];
    rows.forEach((row, index) => encoder.add(row, `/${index}`, encoded, faults));
    if (faults.length > 0) throw invalidInput(faults);
    const result = rows.length === 0 ? NO_ROWS : await version.run(encoded);
    const output = writeRows(result, version.classes);
    note(notes, result, output);
    return `${head(id, version)},${output}}`;
  }
}

const NO_ROWS: RowOutputs = {
  rows: 0,
  outputs: [{ name: '', type: 'float32', dims: [0], data: new Float32Array() }],
  batch: 0,
  queue: 0,
  run: 0,
};

function head(id: string, { parts }: ModelVersion): string {
  return `{"id":"${id}","model":${JSON.stringify(parts.model)},"version":${JSON.stringify(parts.version)}`;
}

function note(notes: AuditNotes, result: RowOutputs, output: string): void {
  notes.batch = result.batch;
  notes.queue = result.queue;
  notes.run = result.run;
  notes.output = `{${output}}`;
}

function invalidInput(faults: readonly Fault[]): OrielError {
  const count = faults.length === 1 ? 'One value' : `${faults.length} values`;
  return new OrielError('invalid', 'invalid-input', `${count} of the input cannot be used.`, { faults });
}
