/** Times and values as the pictures and the page write them. */
import type { Json, WindowResult } from '../../src/windows/engine/messages.js';
import type { PlayedWindow } from './play.js';

/** `12:01`, `12:01:30` or `12:01:30.001` UTC, as short as it is exact; the start of input and its end have words. */
export function clockTime(at: number): string {
  if (at === Infinity) return 'the end';
  if (at === -Infinity) return 'none yet';
  const written = new Date(at).toISOString().slice(11, 23);
  return written.replace(/\.000$/, '').replace(/^(\d\d:\d\d):00$/, '$1');
}

/** `n 3, avg 41.2`: at most two decimals. */
export function valuesOf({ values }: Pick<WindowResult, 'values'>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${valueOf(value)}`)
    .join(', ');
}

function valueOf(value: Json): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : JSON.stringify(value);
}

/** What a window said last, and where it stands if that needs a word: `n 3, revision 2`. */
export function labelOf({ told, state }: PlayedWindow): string {
  const last = told.at(-1)?.result;
  if (!last) return '';
  const revision = last.revision > 1 ? `, revision ${last.revision}` : '';
  return valuesOf(last) + revision + (state === 'withdrawn' ? ', withdrawn' : '');
}

/** `12:00–12:01: n 3, avg 40 (final)`. */
export function sentenceOf(window: PlayedWindow): string {
  return `${clockTime(window.start)}–${clockTime(window.end)}: ${labelOf(window)}${standing(window)}`;
}

/** `24 h from 2026-03-27T23:00Z: n 3 (final)`. */
export function longSentenceOf(window: PlayedWindow): string {
  const from = new Date(window.start).toISOString().slice(0, 16);
  return `${hoursOf(window)} h from ${from}Z: ${labelOf(window)}${standing(window)}`;
}

export function hoursOf({ start, end }: PlayedWindow): number {
  return (end - start) / 3_600_000;
}

function standing({ state }: PlayedWindow): string {
  return state === 'withdrawn' ? '' : ` (${state})`;
}

/** `10,000`. */
export function whole(value: number): string {
  return value.toLocaleString('en-US');
}
