import { pointerToken } from '../../errors.js';
import type { StreamDefinition, WindowDefinition } from '../engine/definition.js';

/**
 * What of a change of a definition would make the events so far say something else: JSON pointers into the definition. Windows that
 * come or go alter nothing of the others, an alarm and a retention look only ahead, and the order of names means nothing.
 */
export function alteringChanges(before: StreamDefinition, after: StreamDefinition): string[] {
  const names = ['key', 'source', 'id', 'eventTime', 'sentAt', 'lateness'] as const;
  const changed: string[] = names.filter((name) => !same(before[name], after[name]));
  // Without an id there is nothing to remember.
  if (before.id !== null && before.id === after.id && before.dedupeFor !== after.dedupeFor)
    changed.push('dedupeFor');
  return [
    ...changed.map(pointerToken),
    ...differing(before.watermark, after.watermark).map((name) => `/watermark${pointerToken(name)}`),
    ...Object.entries(before.windows).flatMap(([name, window]) => {
      const now = Object.hasOwn(after.windows, name) ? after.windows[name] : undefined;
      return now ? changesOf(window, now).map((pointer) => `/windows${pointerToken(name)}${pointer}`) : [];
    }),
  ];
}

function changesOf(before: WindowDefinition, after: WindowDefinition): string[] {
  if (before.type !== after.type) return ['/type'];
  const { aggregates: was, ...own } = before;
  const { aggregates: is, ...ownNow } = after;
  return [
    ...differing(own, ownNow).map(pointerToken),
    ...differing(was, is).map((name) => `/aggregates${pointerToken(name)}`),
  ];
}

/** The names of the members that are not the same in both. */
function differing(before: object, after: object): string[] {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...was.keys(), ...is.keys()])].filter((name) => !same(was.get(name), is.get(name)));
}

/** Of values that `readDefinition` made, which gives their members in one order. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
