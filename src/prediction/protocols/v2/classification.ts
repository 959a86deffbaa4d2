import type { BatchMode, NamedTensor } from '../../signature.js';
import { elementAt } from '../../tensors.js';
import { elementsIn } from './datatypes.js';

/**
 * An output as Triton's classification extension gives it: the `count` largest values, each as `value:index[:label]`,
 * largest first (of equal ones the first), in shape `[k]`, or `[rows, k]` for a model that batches.
 */
export function classify(
  output: NamedTensor,
  count: number,
  mode: BatchMode,
  labels: readonly string[] | null,
): NamedTensor {
  const rows = mode === 'rows' ? (output.dims[0] ?? 1) : 1;
  const length = mode === 'rows' ? elementsIn(output.dims.slice(1)) : elementsIn(output.dims);
  const top = Math.min(count, length);
  const known = labels?.length === length ? labels : null;
  const data: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length }, (_, i) => elementAt(output, row * length + i) as number | bigint);
    const order = values.map((_, index) => index).sort((a, b) => descending(values[a], values[b]) || a - b);
    for (const index of order.slice(0, top)) {
      const label = known ? `:${known[index]}` : '';
      data.push(`${write(output, values[index] as number | bigint)}:${index}${label}`);
    }
  }
  return { name: output.name, type: 'string', dims: mode === 'rows' ? [rows, top] : [top], data };
}

/** Numbers are written as C++'s `to_string` does: those with a fraction with six digits. */
function write({ type }: NamedTensor, value: number | bigint): string {
  if (typeof value === 'bigint' || !type.startsWith('float')) return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** NaN comes last. */
function descending(a: number | bigint | undefined, b: number | bigint | undefined): number {
  const [left, right] = [a as number, b as number];
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left === right ? 0 : left > right ? -1 : 1;
}
