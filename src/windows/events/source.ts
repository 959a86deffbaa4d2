import type { Fault } from '../../errors.js';
import { identity } from './values.js';

/** The name of the source that an event or a mark says: a text as it is, a number or a boolean as its text, null for null. */
export function sourceOf(value: unknown, pointer: string, faults: Fault[]): string | null {
  const detail = identity(value);
  if (detail !== null) faults.push({ pointer, detail });
  if (detail !== null || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
