import { Injectable } from '@nestjs/common';
import type { AuditNotes } from '../audit/record.js';
import { OrielError, pointerToken, type Fault } from '../errors.js';
import { writeRow, writeRows } from './answer.js';
import { answerKey, cachePrefix } from './caching/freshness.js';
import { PredictionCache } from './caching/prediction-cache.service.js';
import { Catalog, type VersionChoice } from './catalog.js';
import type { ModelVersion, RowOutputs } from './model-version.js';
import type { Patience } from './patience.js';
import { MAX_FAULTS, type EncodedRows } from './row-encoder.js';
import { valueOfText } from './values.js';

/** A checked question to a version: rows ready for the model, and the same as the caller's words. */
export interface Question {
  version: ModelVersion;
  rows: EncodedRows;
  /** One row, which is answered with `prediction`, or many, answered with `predictions`. */
  many: boolean;
  /** The rows as one JSON text that depends on their values alone. */
  input: () => string;
}

/** Answers rows of named features: the one place that every route to a model goes through. */
@Injectable()
export class PredictionService {
  constructor(
    private readonly catalog: Catalog,
    private readonly cache: PredictionCache,
  ) {}

  /**
   * Checks a body, one row or an array of them, against the version that is meant.
   * @param notes filled in as soon as something is known, so that a failure too is recorded under its model
   * @throws OrielError `unknown-model`, `unknown-version`, `unknown-label`, `invalid-input`, …
   */
  check(model: string, choice: VersionChoice, body: unknown, notes: AuditNotes): Question {
    notes.model = model;
    const version = this.catalog.ready(model, choice);
    notes.version = version.parts.version;
    notes.digest = version.parts.digest;
    const { encoder } = version.parts;
    const rows = encoder.empty();
    const faults: Fault[] = [];
    const many = Array.isArray(body);
    if (many) (body as unknown[]).forEach((row, index) => encoder.add(row, `/${index}`, rows, faults));
    else encoder.add(body, '', rows, faults);
    if (faults.length > 0) throw invalidInput(faults);
    const canonical = (row: unknown): string => encoder.canonical(row as Record<string, unknown>);
    const input = (): string =>
      many ? `[${(body as unknown[]).map(canonical).join(',')}]` : canonical(body);
    return { version, rows, many, input };
  }

  /** Answers a checked question. @throws OrielError `queue-full`, `model-failed`, … */
  async answer(
    id: string,
    { version, rows, many, input }: Question,
    notes: AuditNotes,
    patience?: Patience,
  ): Promise<string> {
    const { parts } = version;
    const text = many ? '' : input();
    if (!many) notes.input = text;
    const ask = async (): Promise<string> => {
      const result = rows.rows === 0 ? NO_ROWS : await version.run(rows, patience);
      notes.batch = result.batch;
      notes.queue = result.queue;
      notes.run = result.run;
      return many ? writeRows(result, version.classes) : writeRow(result, version.classes);
    };
    let output: string;
    if (this.cache.on && !parts.signature.random) {
      const kept = await this.cache.through(
        cachePrefix(parts.digest) + answerKey(version, many ? input() : text),
        ask,
      );
      notes.cache = kept.use;
      output = kept.text;
    } else output = await ask();
    notes.output = `{${output}}`;
    const head = `{"id":"${id}","model":${JSON.stringify(parts.model)},"version":${JSON.stringify(parts.version)}`;
    return many ? `${head},${output}}` : `${head},"input":${text},${output}}`;
  }

  /** The row that the parameters of a query make: texts, read as the model's features have them. */
  rowOfQuery(
    model: string,
    choice: VersionChoice,
    query: Readonly<Record<string, string | string[]>>,
  ): Record<string, unknown> {
    const { features } = this.catalog.ready(model, choice);
    const types = new Map(features.map(({ name, type }) => [name, type]));
    const row = Object.create(null) as Record<string, unknown>; // a parameter may be called __proto__
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
}

const NO_ROWS: RowOutputs = {
  rows: 0,
  outputs: [{ name: '', type: 'float32', dims: [0], data: new Float32Array() }],
  batch: 0,
  queue: 0,
  run: 0,
};

function invalidInput(faults: readonly Fault[]): OrielError {
  const least = faults.length >= MAX_FAULTS ? 'At least ' : '';
  const count = faults.length === 1 ? 'One value' : `${least}${faults.length} values`;
  return new OrielError('invalid', 'invalid-input', `${count} of the input cannot be used.`, { faults });
}
