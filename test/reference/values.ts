/** What aggregates must say of a set of events, by the plainest reading. */
import type { AggregateDefinition } from '../../src/windows/engine/definition.js';
import type { EngineLimits, Json } from '../../src/windows/engine/messages.js';
import { exactMean, exactSum, exactVariance } from './exact.js';

/** An event as a window sees it: its place in the order of arrival, and its values by field. */
export interface Entry {
  arrival: number;
  time: number;
  values: Readonly<Record<string, Json>>;
}

/** What a value may be. */
export type Expected =
  | { exactly: Json }
  /** Up to rounding; `scale` is the size of the terms that were added. */
  | { near: number; scale: number }
  /** Within 1 % of something between the two. */
  | { between: readonly [number, number] }
  /** An estimate of this number, marked as one. */
  | { estimate: number }
  /** Cut off, and marked so. */
  | { first: readonly Json[] };

export function evaluate(
  { op, field, q }: AggregateDefinition,
  events: readonly Entry[],
  limits: EngineLimits,
): Expected {
  const ordered = events.toSorted((a, b) => a.time - b.time || a.arrival - b.arrival);
  if (field === null) return { exactly: ordered.length };
  const values = ordered.map((event) => event.values[field] ?? null).filter((value) => value !== null);
  if (op === 'count') return { exactly: values.length };
  if (op === 'distinct') {
    const distinct = new Set(values.map(canonical)).size;
    return distinct <= limits.distinct ? { exactly: distinct } : { estimate: distinct };
  }
  if (op === 'collect')
    return values.length > limits.collected
      ? { first: values.slice(0, limits.collected) }
      : { exactly: values };
  if (values.length === 0) return { exactly: null };
  if (op === 'first') return { exactly: values[0]! };
  if (op === 'last') return { exactly: values.at(-1)! };
  return numeric(op, values as number[], q ?? 0);
}

function numeric(op: AggregateDefinition['op'], values: readonly number[], q: number): Expected {
  const sorted = values.toSorted((a, b) => a - b);
  const largest = Math.max(...values.map(Math.abs));
  if (op === 'min') return { exactly: sorted[0]! };
  if (op === 'max') return { exactly: sorted.at(-1)! };
  if (op === 'sum') return { near: exactSum(values), scale: largest * values.length };
  if (op === 'mean') return { near: exactMean(values), scale: largest };
  if (op === 'variance') return { near: exactVariance(values), scale: largest ** 2 };
  if (op === 'stddev') return { near: Math.sqrt(exactVariance(values)), scale: largest };
  const rank = q * (values.length - 1);
  return { between: [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!] };
}

/** One text for each value of JSON. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value === 0 ? 0 : value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join()}}`;
}
