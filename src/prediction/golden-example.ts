import type { ExampleConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';
import type { Fault } from '../errors.js';
import { fromHalf } from './half.js';
import type { ElementType } from './signature.js';

const DEFAULT_TOLERANCE = 1e-5;

/**
 * Asks a version its own example and holds the answer against the recorded one.
 * @returns a sentence on what does not fit, or undefined
 */
export async function checkExample(
  version: ModelVersion,
  example: ExampleConfig,
): Promise<string | undefined> {
  const rows = version.parts.encoder.empty();
  const faults: Fault[] = [];
  version.parts.encoder.add(example.input, '/example/input', rows, faults);
  const [fault] = faults;
  if (fault) return `The example is not a valid input: ${fault.pointer} ${fault.detail}.`;
  const { outputs } = await version.run(rows);
  const [first] = outputs;
  const answer = first ? [...first.data].map((value) => plain(first.type, value)) : [];
  const tolerance = example.tolerance ?? DEFAULT_TOLERANCE;
  const fits =
    answer.length === example.prediction.length &&
    answer.every((value, index) =>
      matches(value, example.prediction[index] as number | string | boolean, tolerance),
    );
  if (fits) return undefined;
  return `The example is answered with ${JSON.stringify(answer)}, not with ${JSON.stringify(example.prediction)} (tolerance ${tolerance}).`;
}

/** An element as an answer would show it; an integer beyond 2^53 as its digits. */
function plain(type: ElementType, value: number | bigint | string): number | string {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return type === 'float16' ? fromHalf(value as number) : value;
}

function matches(value: number | string, expected: number | string | boolean, tolerance: number): boolean {
  if (typeof value === 'string') return value === expected;
  return typeof expected === 'string'
    ? String(value) === expected
    : Math.abs(value - Number(expected)) <= tolerance;
}
