import type { TensorSpec } from '../../prediction/signature.js';
import { plural } from '../progress.js';
import type { Checked, Problem, Served } from './version-check.js';

/** Most features and labels that are told to a person; JSON has them all. */
const MOST = 40;

const ROWS: Readonly<Record<string, string>> = {
  rows: 'any number go through at once',
  single: 'one at a time',
  whole: 'the inputs as they are, without a dimension of rows',
};

const EXAMPLE: Readonly<Record<Checked['example'], string>> = {
  right: 'is answered as model.json says',
  wrong: 'is not answered as model.json says',
  none: 'none in model.json',
  untried: 'could not be tried',
};

/** What would be served, and all that is wrong with it, for a person. */
export function reportOf({ model, version, file, size, problems, example, served, curl }: Checked): string {
  const verdict =
    problems.length === 0 ? 'can be served' : `cannot be served: ${plural(problems.length, 'problem')}`;
  const lines: [string, string][] = [
    ['file', `${file} (${size.toLocaleString('en-US')} bytes)`],
    ...(served ? linesOf(served) : []),
    ['example', EXAMPLE[example]],
    ...problems.map((problem): [string, string] => ['problem', problemText(problem)]),
    ...(curl !== undefined && problems.length === 0 ? ([['ask', curl]] as [string, string][]) : []),
  ];
  return [
    `${model}, version ${version}: ${verdict}`,
    ...lines.map(([what, text]) => `  ${what.padEnd(9)} ${text}`),
  ].join('\n');
}

export function problemText({ pointer, detail }: Problem): string {
  return pointer === undefined ? detail : `model.json: ${[pointer, detail].filter(Boolean).join(' ')}`;
}

function linesOf(served: Served): [string, string][] {
  const { digest, producer, opset, inputs, optionalInputs, outputs, batching, features, classes, random } =
    served;
  const made = [producer, opset === null ? null : `opset ${opset}`].filter(Boolean).join(', ');
  return [
    ['digest', digest],
    ['made by', made || 'it does not say'],
    ...inputs.map((spec): [string, string] => ['input', tensor(spec)]),
    ...optionalInputs.map((spec): [string, string] => ['input', `${tensor(spec)}, may be left out`]),
    ...outputs.map((spec): [string, string] => ['output', tensor(spec)]),
    ['rows', ROWS[batching] ?? batching],
    ...(features.length > 0
      ? ([['features', list(features.map(({ name }) => name))]] as [string, string][])
      : []),
    ...(classes ? ([['labels', list(classes)]] as [string, string][]) : []),
    ['random', random ? 'yes: the same input may be answered differently, so no answer is cached' : 'no'],
    ['caching', `Cache-Control: ${served.cacheControl}`],
  ];
}

function tensor({ name, type, shape }: TensorSpec): string {
  return `${name}: ${type} [${shape.map((size) => size ?? '?').join(', ')}]`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST).join(', ');
  return names.length > MOST ? `${shown} and ${names.length - MOST} more` : shown;
}
