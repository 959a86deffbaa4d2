import type { PayloadContent } from '../../../audit/record-leaf.js';
import type { RecordTuple } from '../../../audit/record.js';

/** What a record of a prediction says as an event, and the line that says it. */
export interface PredictionLine {
  /** The `seq` of the record. */
  record: number;
  time: number;
  model: string;
  version: string;
  /** By the name of the member in the line. */
  numbers: Readonly<Record<NumberName, number | null>>;
  line: string;
}

/** The members of an event that are numbers or null. */
const NUMBER_NAMES = ['status', 'error', 'latency', 'queue', 'run', 'cpu', 'cost', 'prediction'] as const;
type NumberName = (typeof NUMBER_NAMES)[number];

/** Longest features or outputs in an event; longer ones are only on record. */
const LONGEST = 65_536;
const NUMBER = String.raw`(-?\d[\d.eE+-]*)`;
/** Answers to one row whose first value is a number: the first number of `prediction`, of the only one of `predictions`, of V2's data. */
const ANSWERS = [
  new RegExp(String.raw`^\{"prediction":\[${NUMBER}[,\]]`),
  new RegExp(String.raw`^\{"predictions":\[${NUMBER}\][,}]`),
  new RegExp(String.raw`^\{"predictions":\[\[${NUMBER}(?:,[^[\]]*)?\]\][,}]`),
  new RegExp(String.raw`^\{[^[\]]*"outputs":\[\{[^[\]]*"shape":\[1(?:,\d+)*\],"data":\[${NUMBER}[,\]]`),
];
const FEATURES = ',"features":';
const OUTPUTS = ',"outputs":';

/** A member of the line by its name or JSON pointer, if it is a number; undefined where the line must be read for it. */
export function numberName(field: string): NumberName | undefined {
  const name = field.startsWith('/') ? field.slice(1) : field;
  return NUMBER_NAMES.find((one) => one === name);
}

/**
 * The event of a record: `{"record","time","model","version","status","error","latency","queue","run","cpu","cost","prediction",
 * "features","outputs"}`. Times in milliseconds, `cost` of a million; `features` and `outputs` as far as the record keeps them
 * whole. It is built of texts that are there, since this is done for every prediction.
 * @returns null for a record of anything else
 */
export function predictionLine(
  record: RecordTuple,
  seq: number,
  kept: PayloadContent | null,
): PredictionLine | null {
  const cpuUs = record[26];
  const [model, version] = [record[15], record[16]];
  if (cpuUs === undefined || model === null || version === null) return null;
  const output = whole(kept?.[1], kept?.[2], 'output');
  const numbers = {
    status: record[4],
    error: record[4] >= 400 ? 1 : 0,
    latency: record[12] / 1000,
    queue: milliseconds(record[13]),
    run: milliseconds(record[14]),
    cpu: milliseconds(cpuUs),
    cost: record[27] ?? null,
    prediction: output === null ? null : firstNumber(output),
  };
  const time = record[25] ?? arrival(record[0]);
  let line = `{"record":${seq},"time":${time},"model":${JSON.stringify(model)},"version":${JSON.stringify(version)}`;
  for (const name of NUMBER_NAMES) line += `,"${name}":${numbers[name]}`;
  const input = whole(kept?.[0], kept?.[2], 'input');
  if (input !== null) line += `${FEATURES}${input}`;
  if (output !== null) line += `${OUTPUTS}${output}`;
  return { record: seq, time, model, version, numbers, line: `${line}}` };
}

/** A line without what came of the payload; `prediction` stays, unless the payload is to be erased. */
export function withoutPayload(line: string): string {
  // Neither can be within a JSON string, whose quotes are escaped, and what comes before them is numbers and strings.
  const from = [FEATURES, OUTPUTS].map((mark) => line.indexOf(mark)).filter((at) => at >= 0);
  return from.length === 0 ? line : `${line.slice(0, Math.min(...from))}}`;
}

/** A line of which the payload is erased: nothing of the answer either. */
export function erasedPayload(line: string): string {
  return withoutPayload(line).replace(/,"prediction":[^,}]*/, ',"prediction":null');
}

/** The `seq` of the record that a line is of; null for an erased one. */
export function recordOf(line: string): number | null {
  const digits = /^\{"record":(\d+),/.exec(line)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The time of the event that a line is, in epoch milliseconds; null for an erased one. */
export function timeOf(line: string): number | null {
  const digits = /^\{"record":\d+,"time":(-?\d+),/.exec(line)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** What a record keeps of a payload, as one line, if that is a whole object. */
function whole(
  text: string | null | undefined,
  truncated: string | null | undefined,
  name: 'input' | 'output',
): string | null {
  if (!text?.startsWith('{') || text.length > LONGEST || truncated?.split(',').includes(name)) return null;
  return text.includes('\n') || text.includes('\r') ? text.replaceAll(/[\n\r]/g, ' ') : text;
}

function firstNumber(output: string): number | null {
  for (const answer of ANSWERS) {
    const digits = answer.exec(output)?.[1];
    if (digits === undefined) continue;
    const number = Number(digits);
    return Number.isFinite(number) ? number : null;
  }
  return null;
}

/** Epoch milliseconds in a UUIDv7 (RFC 9562, section 5.7). */
function arrival(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
