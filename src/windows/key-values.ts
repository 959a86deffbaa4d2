import type { Json, OpenQuery } from './engine/messages.js';
import type { StreamOpenAsk } from './messages.js';

/** What the members of a key must be, as texts, in the order of the stream's key; null: any. */
export type KeyValues = readonly (string | null)[];

/** Whether a key (canonical JSON of an array) has the values asked for: a text by itself, anything else by its JSON. */
export function keyFits(key: string, wanted: KeyValues): boolean {
  const values = JSON.parse(key) as Json[];
  return wanted.every((text, at) => text === null || textOf(values[at] ?? null) === text);
}

/** A question for open windows as the engine takes it. */
export function openQueryOf({ key, ...query }: StreamOpenAsk['query']): OpenQuery {
  return key ? { ...query, key: (one) => keyFits(one, key) } : query;
}

/** The JSON texts of the values that a text asks for: the text itself as a string, and what it is as JSON. */
export function jsonTextsOf(text: string): [string, string] {
  return [JSON.stringify(text), text];
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
