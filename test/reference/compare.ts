/** Says where what an engine told differs from what the reference allows. */
import type { Applied, Json, Span, WindowResult, Withdrawal } from '../../src/windows/engine/messages.js';
import type { ExpectedResult, Outcome } from './reference.js';
import type { Expected } from './values.js';

/** What an engine told in one step. */
export interface Told {
  applied: Applied | null;
  results: WindowResult[];
  withdrawals: Withdrawal[];
}

/** Differences, one sentence each; none where all agrees. */
export function differences(told: Told, expected: Outcome): string[] {
  return [
    ...appliedDifferences(told.applied, expected.applied),
    ...resultDifferences(told.results, expected.results),
    ...setDifferences('withdrawal', told.withdrawals.map(plain), expected.withdrawals.map(plain)),
  ];
}

export function resultDifferences(
  results: readonly WindowResult[],
  expected: readonly ExpectedResult[],
): string[] {
  const found = new Map(results.map((one) => [nameOf(one), one]));
  const named = new Set(expected.map(nameOf));
  const problems = results.length === found.size ? [] : ['a window is told twice in one step'];
  for (const one of results)
    if (!named.has(nameOf(one))) problems.push(`not expected: ${JSON.stringify(one)}`);
  for (const one of expected) {
    const other = found.get(nameOf(one));
    if (other === undefined) problems.push(`missing: ${JSON.stringify(one)}`);
    else problems.push(...windowDifferences(other, one));
  }
  return problems;
}

function windowDifferences(found: WindowResult, expected: ExpectedResult): string[] {
  const where = `${nameOf(expected)}:`;
  const problems: string[] = [];
  if (found.revision !== expected.revision)
    problems.push(`${where} revision ${found.revision}, not ${expected.revision}`);
  if (found.events !== expected.events)
    problems.push(`${where} events ${found.events}, not ${expected.events}`);
  if (Object.keys(found.values).join() !== Object.keys(expected.values).join())
    problems.push(`${where} values ${Object.keys(found.values).join()}`);
  for (const [name, value] of Object.entries(expected.values))
    if (!fits(found.values[name] ?? null, value, name, found))
      problems.push(`${where} ${name} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}`);
  return problems;
}

function fits(value: Json, expected: Expected, name: string, found: WindowResult): boolean {
  const approximate = found.approximate?.includes(name) ?? false;
  const truncated = found.truncated?.includes(name) ?? false;
  if ('first' in expected) return truncated && same(value, expected.first);
  if (truncated) return false;
  if ('exactly' in expected)
    return same(value, expected.exactly) && (!approximate || expected.exactly === null);
  if (typeof value !== 'number') return false;
  if ('near' in expected) return Math.abs(value - expected.near) <= tolerance(expected);
  if ('estimate' in expected)
    return approximate && Math.abs(value - expected.estimate) <= 0.1 * expected.estimate;
  const [low, high] = expected.between;
  return value >= low - 0.01 * Math.abs(low) - 1e-9 && value <= high + 0.01 * Math.abs(high) + 1e-9;
}

/** 1e-9 of the value; where terms cancel out, what is left of 2^-52 of them. */
function tolerance({ near, scale }: { near: number; scale: number }): number {
  return Math.max(1e-9 * Math.abs(near), scale * 2 ** -50);
}

/** Equal as JSON values: the order of members and the sign of zero say nothing. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === right.size &&
    left.every(([name, value]) => right.has(name) && same(value, right.get(name)))
  );
}

function appliedDifferences(found: Applied | null, expected: Applied | null): string[] {
  if (found === null || expected === null) return found === expected ? [] : ['an event was not taken as one'];
  const flags = (['future', 'late', 'unassigned'] as const).filter((name) => found[name] !== expected[name]);
  return [
    ...flags.map((name) => `${name} is ${String(found[name])}`),
    ...setDifferences('missed', found.missed.map(spanOf), expected.missed.map(spanOf)),
    ...setDifferences('counted', found.counted.map(spanOf), expected.counted.map(spanOf)),
  ];
}

export function setDifferences(
  what: string,
  found: readonly (readonly unknown[])[],
  expected: readonly (readonly unknown[])[],
): string[] {
  const [left, right] = [found, expected].map((rows) => rows.map((row) => JSON.stringify(row)).sort());
  return String(left) === String(right) ? [] : [`${what}: [${String(left)}], not [${String(right)}]`];
}

const spanOf = ({ window, start, end }: Span): unknown[] => [window, start, end];

const plain = ({ key, revision, mergedInto, ...span }: Withdrawal): unknown[] => [
  ...spanOf(span),
  ...[key, revision, mergedInto.start, mergedInto.end],
];

const nameOf = ({ window, start, end, key }: Span & { key: string }): string =>
  `${window} [${start}, ${end}) ${key}`;
