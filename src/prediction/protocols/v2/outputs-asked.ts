import type { Signature } from '../../signature.js';
import { datatypeOf } from './datatypes.js';
import type { FaultList } from './fault-list.js';

/** Most elements of a tensor of this world. */
export const MAX_ELEMENTS = 2 ** 31 - 1;

/** One output as a request asks for it. */
export interface OutputChoice {
  /** Its place in the signature. */
  index: number;
  binary: boolean;
  /** How many classes to tell in place of the values; undefined for the values themselves. */
  classification: number | null | undefined;
}

/** Which outputs a request asks for, in which form and order; all of the graph's where it names none. */
export function outputsAsked(
  body: Readonly<Record<string, unknown>>,
  parameters: Readonly<Record<string, unknown>> | null | undefined,
  { outputs }: Signature,
  faults: FaultList,
): OutputChoice[] {
  const binary = faults.flag(parameters, 'binary_data_output', '/parameters') ?? false;
  const items = faults.list(body.outputs, '/outputs') ?? [];
  if (items.length === 0) return outputs.map((_, index) => ({ index, binary, classification: undefined }));
  const seen = new Set<number>();
  const choices: OutputChoice[] = [];
  items.forEach((value, at) => {
    const pointer = `/outputs/${at}`;
    const item = faults.members(value ?? null, pointer);
    if (!item) return;
    const index = outputs.findIndex(({ name }) => name === item.name);
    const spec = outputs[index];
    if (!spec) {
      faults.add(`${pointer}/name`, 'must name an output of this model');
      return;
    }
    if (seen.has(index)) faults.add(`${pointer}/name`, `asks for "${spec.name}" a second time`);
    seen.add(index);
    const own = faults.members(item.parameters, `${pointer}/parameters`);
    const classification = faults.count(own, 'classification', 1, `${pointer}/parameters`);
    if (classification && (spec.type === 'string' || spec.type === 'bool'))
      faults.add(
        `${pointer}/parameters/classification`,
        `cannot be made of "${spec.name}", which is ${datatypeOf(spec.type)}`,
      );
    if (own && 'shared_memory_region' in own)
      faults.add(`${pointer}/parameters/shared_memory_region`, 'is not supported: there is no shared memory');
    choices.push({
      index,
      binary: faults.flag(own, 'binary_data', `${pointer}/parameters`) ?? binary,
      classification,
    });
  });
  return choices;
}
