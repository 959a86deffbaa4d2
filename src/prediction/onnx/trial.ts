import { batchModeOf, rowShape, type NamedTensor, type Signature } from '../signature.js';
import { ModelError, reasonOfRuntime, wantsTooMuch } from './model-error.js';
import { allocate } from '../tensors.js';

/** Rows that a batching model is tried with: a lone question, a small batch, a large one. */
const SIZES = [1, 8, 64];
/** Milliseconds that one size may take; what would take longer is not tried. */
const BUDGET_MS = 150;
/** A run that is shorter is not worth a second thread. */
const WORTH_MS = 1;
/** How much faster several threads must be, since they take them from others. */
const GAIN = 1.25;
const RUNS = 3;

/** Runs a model once. @returns the sizes of its outputs */
export type TryRun = (inputs: readonly NamedTensor[]) => Promise<readonly (readonly number[])[]>;

/** Milliseconds of the best run, by number of rows. */
export type Timings = ReadonlyMap<number, number>;

/**
 * Whether a model can be tried with zeros: one that takes rows of floats or texts. A whole number may be a size, a step or a count
 * of turns, and a graph that is given nothing for it may never come to an end.
 */
function canBeTried(signature: Signature): boolean {
  return (
    batchModeOf(signature) === 'rows' &&
    signature.inputs.every(({ type }) => type.startsWith('float') || type === 'string')
  );
}

/** Times a model with rows of zeros and empty texts. Sizes that the model does not compute, or that are too slow, are left out. */
export async function timed(run: TryRun, signature: Signature): Promise<Timings> {
  const timings = new Map<number, number>();
  let perRow = 0;
  for (const rows of canBeTried(signature) ? SIZES : []) {
    if (perRow * rows > BUDGET_MS) break;
    const best = await bestOf(run, signature, rows);
    if (best === undefined) break;
    timings.set(rows, best);
    perRow = best / rows;
  }
  return timings;
}

async function bestOf(run: TryRun, signature: Signature, rows: number): Promise<number | undefined> {
  let best: number | undefined;
  const until = performance.now() + BUDGET_MS;
  for (let turn = 0; turn <= RUNS && performance.now() < until; turn++) {
    const from = performance.now();
    if (!(await attempt(run, signature, rows))) return undefined;
    const elapsed = performance.now() - from;
    if (turn > 0 || elapsed > WORTH_MS) best = Math.min(best ?? Infinity, elapsed); // the first also warms up
  }
  return best;
}

/** Whether a model that has these timings could gain from more threads. */
export function isHeavy(timings: Timings): boolean {
  return [...timings.values()].some((ms) => ms >= WORTH_MS);
}

/** Whether several threads are faster than one by enough, over all sizes that both were timed with. */
export function isFaster(several: Timings, one: Timings): boolean {
  const gains = [...one].flatMap(([rows, ms]) => {
    const other = several.get(rows);
    return other === undefined ? [] : [Math.log(ms / other)];
  });
  return gains.length > 0 && gains.reduce((sum, gain) => sum + gain, 0) / gains.length >= Math.log(GAIN);
}

/** Whether a model computes on zeros at all; yes where it cannot be tried. */
export async function computes(run: TryRun, signature: Signature): Promise<boolean> {
  return !canBeTried(signature) || (await attempt(run, signature, 2)) !== undefined;
}

/** Whether a batching model gives rows back as the first dimension of all of its outputs; yes where it does not compute on zeros. */
export async function givesRowsFirst(run: TryRun, signature: Signature): Promise<boolean> {
  if (!canBeTried(signature)) return true;
  // Two numbers of rows: one alone could be the size of something else.
  for (const rows of [2, 3]) {
    const outputs = await attempt(run, signature, rows);
    if (outputs && !outputs.every(([first]) => first === rows)) return false;
  }
  return true;
}

async function attempt(
  run: TryRun,
  signature: Signature,
  rows: number,
): Promise<readonly (readonly number[])[] | undefined> {
  const mode = batchModeOf(signature);
  const inputs = signature.inputs.map((spec): NamedTensor => {
    const sizes = rowShape(spec, mode).map((size) => size ?? 1);
    const dims = mode === 'whole' ? sizes : [rows, ...sizes];
    const length = dims.reduce((product, size) => product * size, 1);
    return { name: spec.name, type: spec.type, dims, data: allocate(spec.type, length) };
  });
  try {
    return await run(inputs);
  } catch (error) {
    if (wantsTooMuch(error)) throw new ModelError(reasonOfRuntime(error), { cause: error });
    return undefined; // not every model computes on zeros; that says nothing of it
  }
}
