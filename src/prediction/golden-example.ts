import type { ExampleConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';
import type { NamedTensor } from './signature.js';
import { elementAt } from './tensors.js';
import type { Fault } from '../errors.js';

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
  const answer = valuesOf(outputs[0]);

  const tolerance = example.tolerance ?? DEFAULT_TOLERANCE;
  const fits =
    answer.length === example.prediction.length &&
    answer.every((value, index) =>
      matches(value, example.prediction[index] as number | string | boolean, tolerance),
    );
  if (fits) return undefined;
  return `The example is answered with ${JSON.stringify(answer)}, not with ${JSON.stringify(example.prediction)} (tolerance ${tolerance}).`;
}

function matches(value: number | string, expected: number | string | boolean, tolerance: number): boolean {
  if (typeof value === 'string') return value === expected;
  return typeof expected === 'string'
    ? String(value) === expected
    : Math.abs(value - Number(expected)) <= tolerance;
}

function valuesOf(output: NamedTensor | undefined): (number | string)[] {
  return Array.from({ length: output?.data.length ?? 0 }, (_, index) => {
    const value = elementAt(output as NamedTensor, index);
    return typeof value === 'bigint' ? Number(value) : value;
  });
}
