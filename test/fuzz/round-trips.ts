/**
 * Laws that hold for whatever the readers of a request take: what is written in one of our forms and read again is what it was, and
 * what can be said in several forms means the same in each. They run within the process that tests them, and so try many inputs.
 */
import { deepStrictEqual as same } from 'node:assert/strict';
import fc from 'fast-check';
import { OrielError, type Fault } from '../../src/errors.js';
import { AnswerWriter } from '../../src/prediction/answer.js';
import type { RowOutputs } from '../../src/prediction/batch-runner.js';
import { CsvForm, NdjsonForm } from '../../src/prediction/bulk/answer-forms.js';
import { CsvReader, NdjsonReader, type RecordReader } from '../../src/prediction/bulk/records.js';
import { parseCsv, writeField, type CsvField } from '../../src/prediction/csv/csv.js';
import type { Feature } from '../../src/prediction/features.js';
import { parseExactly } from '../../src/prediction/protocols/v2/exact-json.js';
import { readInferRequest } from '../../src/prediction/protocols/v2/infer-request.js';
import { writeInferResponse, type AnsweredOutput } from '../../src/prediction/protocols/v2/infer-response.js';
import { RowEncoder, type EncodedRows } from '../../src/prediction/row-encoder.js';
import type { ElementType, NamedTensor, Signature } from '../../src/prediction/signature.js';
import { readDefinition } from '../../src/windows/definition/read.js';
import { viewDefinition } from '../../src/windows/definition/view.js';
import { streamDefinitions } from '../stream-definitions.js';
import { filterTexts, filterTrees } from './filter-texts.js';
import { mutatedBytes, mutatedJson } from './mutations.js';
import { unlessRefused } from './refused.js';
import { tensorsOf, VALUES } from './tensors.js';

const named = fc.uniqueArray(fc.constantFrom('x', 'y', 'a b', 'ż', '"', ',', '__proto__', 'constructor', '0'), {
  minLength: 1,
  maxLength: 3,
}); // prettier-ignore

/** What a model takes whose inputs are these tensors. */
function signatureOf(tensors: readonly NamedTensor[]): Signature {
  const inputs = tensors.map(({ name, type, dims }) => ({ name, type, shape: dims.map(() => null) }));
  return { inputs, optionalInputs: [], outputs: [] } as unknown as Signature;
}

/** The parts of a request that has tensors: it has them in the form in which answers do. */
function requestOf(outputs: readonly AnsweredOutput[]): { head: string; bytes: Uint8Array | null } {
  const { json, binary } = writeInferResponse('f', 'm', '1', outputs);
  return { head: json.replace('"outputs":', '"inputs":'), bytes: binary && Buffer.concat(binary) };
}

function inputsOf(head: string, bytes: Uint8Array | null, signature: Signature): NamedTensor[] {
  return readInferRequest(parseExactly(head, JSON.parse(head)), bytes, signature, 10_000).inputs;
}

const drawnTensors = named.chain((names) => fc.tuple(...names.map((name) => tensorsOf(name))));

const binaryTensors = fc.property(
  drawnTensors,
  fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  (tensors, binary) => {
    const outputs = tensors.map((tensor, at) => ({ tensor, binary: binary[at] ?? false }));
    const { head, bytes } = requestOf(outputs);
    same(inputsOf(head, bytes, signatureOf(tensors)), tensors);
  },
);

/** Whatever is taken of a request that is not quite right, is taken again when it is written down. */
const mutatedTensors = fc.property(drawnTensors, fc.nat(2), fc.infiniteStream(fc.nat()), (tensors, what, seeds) => {
  const signature = signatureOf(tensors);
  const { head, bytes } = requestOf(tensors.map((tensor) => ({ tensor, binary: true })));
  const draw = <T>(from: fc.Arbitrary<T>): T => fc.sample(from, { seed: seeds.next().value as number, numRuns: 1 })[0] as T; // prettier-ignore
  const json = what === 0 ? head : JSON.stringify(draw(mutatedJson(JSON.parse(head) as unknown)) ?? null);
  const binary = what === 1 ? bytes : draw(mutatedBytes(bytes ?? Buffer.alloc(0)));
  const taken = unlessRefused(OrielError, () => inputsOf(json, binary, signature));
  if (!taken) return;
  const again = requestOf(taken.map((tensor) => ({ tensor, binary: true })));
  same(inputsOf(again.head, again.bytes, signatureOf(taken)), taken);
}); // prettier-ignore

interface Table {
  features: Feature[];
  /** JSON values; undefined for what is left out. */
  rows: unknown[][];
  cuts: number[];
  lineEnd: string;
}

const feature = (name: string): fc.Arbitrary<Feature> =>
  fc
    .record({
      type: fc.constantFrom(...(Object.keys(VALUES) as ElementType[])),
      nullable: fc.boolean(),
      standard: fc.boolean(),
    })
    .chain(({ type, nullable, standard }) =>
      fc.option(standard ? jsonOf(type) : fc.constant(undefined), { nil: undefined }).map((value) => ({
        name,
        type,
        input: 0,
        shape: [],
        config: { name, nullable, ...(value === undefined ? {} : { default: value as number }) },
      })),
    );

/** Values that JSON and a field of CSV can both say. */
const jsonOf = (type: ElementType): fc.Arbitrary<unknown> => {
  if (type === 'string') return fc.oneof(fc.string(), fc.constantFrom('"', ',', '\n', '\r\n', '\r', '', ' ', '0x10', '\u2028', '💥', '=1+1')); // prettier-ignore
  if (type === 'bool') return fc.boolean();
  const long = type === 'int64' || type === 'uint64';
  return fc.oneof(
    fc.integer({ min: -3, max: 300 }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true, max: 2 ** 53 - 1, min: -(2 ** 53) + 1 }),
    long ? fc.bigInt({ min: -(2n ** 64n), max: 2n ** 65n }).map(String) : fc.constantFrom('NaN', 'Infinity', '-Infinity'), // prettier-ignore
  );
};

const tables: fc.Arbitrary<Table> = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c d', 'ż', '"', ',', '\n', '__proto__', 'constructor', '0'), {
    minLength: 2,
    maxLength: 4,
  })
  .chain((names) => fc.tuple(...names.map(feature)))
  .chain((features) =>
    fc.record({
      features: fc.constant(features),
      rows: fc.array(fc.tuple(...features.map(cellOf)), { maxLength: 5 }),
      cuts: fc.array(fc.nat(400), { maxLength: 4 }),
      lineEnd: fc.constantFrom('\n', '\r\n'),
    }),
  );

/** A field that is empty is the default, and null where there is none. */
function cellOf({ type, config }: Feature): fc.Arbitrary<unknown> {
  const nothing = config.default === undefined ? null : undefined;
  return fc.oneof({ weight: 8, arbitrary: jsonOf(type) }, { weight: 1, arbitrary: fc.constant(nothing) });
}

const sameInEveryForm = fc.property(tables, ({ features, rows, cuts, lineEnd }) => {
  const inputs = [{ name: 'x', type: 'float32', shape: [null, features.length] }];
  const encoder = new RowEncoder(features, { inputs } as unknown as Signature);
  const objects = rows.map((row) => objectOf(features, row));
  const expected = objects.map((row) => encoded(encoder, JSON.parse(row)));
  const header = features.map(({ name }) => writeField(name)).join(',');
  const records = rows.map((row) => row.map(fieldOf).join(','));
  const csv = [header, ...records].map((line) => line + lineEnd).join('');
  const ndjson = objects.map((line) => line + lineEnd).join('');
  same(readIn(new NdjsonReader(100_000, 64), ndjson, cuts, encoder), expected);
  same(readIn(new CsvReader(features, 100_000), csv, cuts, encoder), expected);
});

function objectOf(features: readonly Feature[], row: readonly unknown[]): string {
  const members = features.flatMap(({ name }, at) =>
    row[at] === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(row[at])}`],
  );
  return `{${members.join(',')}}`;
}

function fieldOf(value: unknown): string {
  return writeField(value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)); // prettier-ignore
}

/** What a row comes to: its values, or what is wrong with it. */
function encoded(encoder: RowEncoder, row: unknown): EncodedRows | readonly Fault[] {
  const into = encoder.empty();
  const faults = encoder.tryAdd(row, into);
  return faults.length > 0 ? faults : into;
}

function readIn(
  reader: RecordReader,
  text: string,
  cuts: readonly number[],
  encoder: RowEncoder,
): (EncodedRows | readonly Fault[])[] {
  const places = [0, ...cuts.map((at) => Math.min(at, text.length)).sort((a, b) => a - b), text.length];
  const parts = places.slice(1).map((to, at) => text.slice(places[at], to));
  const records = [...parts.flatMap((part) => reader.push(part)), ...reader.end()];
  return records.map(({ row, error }) => {
    if (error) throw error;
    return encoded(encoder, row);
  });
}

const answers = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  .chain(([rows, outputs]) =>
    fc.tuple(...Array.from({ length: outputs }, (_, at) => tensorsOf(`o${at}`, rows))).map(
      (all): RowOutputs => ({ rows, outputs: all, batch: rows, queue: 0, run: 0 }),
    ),
  ); // prettier-ignore

const sameAnswers = fc.property(answers, (result) => {
  const writer = new AnswerWriter('m', '1', null);
  const whole = JSON.parse(`{${writer.rows(result)}}`) as { predictions: unknown[]; outputs?: object[] };
  const [csv, ndjson] = [new CsvForm(writer, 'stop'), new NdjsonForm(writer, 'answer')];
  const each = Array.from({ length: result.rows }, (_, row) => row);
  const [, ...records] = parseCsv(csv.head(result) + each.map((row) => csv.row(result, row, row)).join(''));
  for (const row of each) {
    const outputs = whole.outputs?.[row];
    const own = { prediction: whole.predictions[row], ...(outputs ? { outputs } : {}) };
    same(JSON.parse(ndjson.row(result, row, row)), own);
    const values: unknown[] = [own.prediction, ...Object.values<unknown>({ ...outputs })];
    const fields = result.outputs.flatMap((output, at) => fieldsLike(values[at], output));
    same(readAs(records[row] ?? [], fields), fields);
  }
});

/** What the fields of a row are that hold an output. */
function fieldsLike(value: unknown, { dims }: NamedTensor): unknown[] {
  const length = dims.slice(1).reduce((product, size) => product * size, 1);
  const elements: unknown[] = [value].flat(9);
  return dims.length <= 2 || length === 1 ? elements : [JSON.stringify(value)];
}

/** Fields of CSV as the values that they stand for. */
function readAs(record: readonly CsvField[], like: readonly unknown[]): unknown[] {
  return record.map((field, at) => {
    if (typeof like[at] === 'number') return Number(field);
    return typeof like[at] === 'boolean' ? field === 'true' : field;
  });
}

const definitions = fc.property(
  streamDefinitions.map(viewDefinition).chain((view) => fc.oneof(fc.constant(view), mutatedJson(view))),
  (given) => {
    const put = readDefinition(JSON.parse(JSON.stringify(given ?? null)));
    if ('faults' in put) return;
    const shown = JSON.stringify(viewDefinition(put.definition));
    const again = readDefinition(JSON.parse(shown));
    same(again, put);
    same('definition' in again && JSON.stringify(viewDefinition(again.definition)), shown);
  },
);

/** Tries a law on that many inputs. @throws Error with the input that breaks it */
export type Law = (how: { seed: number; numRuns: number }) => void;

function law<T>(property: fc.IProperty<T>): Law {
  return ({ seed, numRuns }) => fc.assert(property, { seed, numRuns });
}

/** The laws by name. */
export const ROUND_TRIPS: Readonly<Record<string, Law>> = {
  'tensors, in bytes or in JSON, are what was written': law(binaryTensors),
  'tensors that were taken of a mutated request are taken again': law(mutatedTensors),
  'rows in NDJSON and CSV mean what they mean in JSON': law(sameInEveryForm),
  'answers in NDJSON and CSV say what they say in JSON': law(sameAnswers),
  'a definition is shown as one that is read to the same': law(definitions),
  'a filter is read from its text': law(filterTrees),
  'a filter that is read has a text that is read to the same': law(filterTexts),
};
