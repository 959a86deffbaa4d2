/** What values of an event must be, where a definition looks at them. Each check says what is wrong in words for a fault, or null. */

/** Most characters of a text in a key, of an id and of a source: all of them are held for as long as they matter. */
export const MAX_TEXT = 1024;

/** Deepest nesting of an element, and of a value in it: what is nested without end can be read, but not written again. */
export const MAX_DEPTH = 64;

const TOO_LARGE = 'is a number beyond the range of a 64-bit float';

export type Check = (value: unknown) => string | null;

/** For operators that calculate. */
export const numeric: Check = (value) => {
  if (value === null) return null;
  if (typeof value !== 'number') return `must be a number, not ${kindOf(value)}`;
  return Number.isFinite(value) ? null : TOO_LARGE;
};

/** For operators that compare. */
export const scalar: Check = (value) =>
  typeof value === 'object' && value !== null
    ? `must be a text, a number, a boolean or null, not ${kindOf(value)}`
    : finite(value);

/** For operators that keep or only count. */
export const anything: Check = (value) =>
  typeof value === 'object' && value !== null ? inside(value, 1) : finite(value);

/** For what tells one thing from another: a key, a source. */
export const identity: Check = (value) => {
  if (typeof value === 'string')
    return value.length <= MAX_TEXT ? null : `must have at most ${MAX_TEXT} characters`;
  // Two integers beyond 2^53 may have become the same number by now.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return 'must be sent as a text, since as a number it is not exact beyond 2^53';
  return scalar(value);
};

/** For what tells one event from another: null is not enough. */
export const present: Check = (value) => {
  if (value === null) return 'is missing';
  return typeof value === 'string' || typeof value === 'number'
    ? identity(value)
    : `must be a text or a number, not ${kindOf(value)}`;
};

function finite(value: unknown): string | null {
  return typeof value === 'number' && !Number.isFinite(value) ? TOO_LARGE : null;
}

function inside(value: object, depth: number): string | null {
  if (depth > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} deep`;
  for (const one of Object.values(value) as unknown[]) {
    const fault = typeof one === 'object' && one !== null ? inside(one, depth + 1) : finite(one);
    if (fault !== null) return depth > 1 ? fault : `has in it what ${fault}`;
  }
  return null;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'a boolean';
    default:
      return value === null ? 'null' : 'an object';
  }
}
