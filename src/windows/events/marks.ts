import { pointerToken, type Fault } from '../../errors.js';
import { MARK_MEMBER, tokensOf } from '../definition/field.js';
import { isObject } from '../definition/members.js';
import type { StreamDefinition } from '../engine/definition.js';
import type { Mark } from '../engine/messages.js';
import { Field } from './field.js';
import { sourceOf } from './source.js';
import { readTime } from './time.js';

const POINTER = pointerToken(MARK_MEMBER);
const FORM = 'must be a time such as 2026-01-31T12:00:00Z, epoch milliseconds, or "end"';

/** An element that is a mark: it says how far its producer is, and nothing else. */
export interface MarkReader {
  read(element: Readonly<Record<string, unknown>>, received: number): { mark: Mark } | { faults: Fault[] };
}

/**
 * Reads marks of a stream.
 * - `{"$watermark": time}`, where the watermark is punctuated: every later event of the source is at or after this time. A mark without
 *   the source field is one of the source null.
 * - `{"$watermark": "end"}`: no event of the source comes any more; without the source field, of any source.
 * @param source the field that names the source; null: there is one source
 */
export function markReader(
  { watermark }: Pick<StreamDefinition, 'watermark'>,
  source: string | null,
): MarkReader {
  const field = source === null ? null : new Field(source);
  const path = source === null ? [] : (tokensOf(source) ?? []);
  return {
    read(element, received) {
      const faults = strangers(element, path);
      const told = element[MARK_MEMBER];
      const time = told === 'end' ? Infinity : readTime(told);
      if (time === undefined) faults.push({ pointer: POINTER, detail: FORM });
      else if (time !== Infinity && watermark.type === 'bounded')
        faults.push({
          pointer: POINTER,
          detail: 'must be "end": the watermark of this stream is bounded, it follows from the events',
        });
      const value = field?.of(element);
      const named = field ? sourceOf(value ?? null, field.pointer, faults) : null;
      if (faults.length > 0 || time === undefined) return { faults };
      return { mark: { source: told === 'end' && value === undefined ? undefined : named, time, received } };
    },
  };
}

/** Members that are neither the mark nor on the way to the source. */
function strangers(element: Readonly<Record<string, unknown>>, path: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  let [at, pointer]: [unknown, string] = [element, ''];
  for (const token of [...path, null]) {
    if (!isObject(at)) break;
    for (const name of Object.keys(at))
      if (name !== token && !(name === MARK_MEMBER && pointer === ''))
        faults.push({ pointer: pointer + pointerToken(name), detail: 'cannot be in a mark' });
    if (token === null || !Object.hasOwn(at, token)) break;
    at = at[token];
    pointer += pointerToken(token);
  }
  return faults;
}
