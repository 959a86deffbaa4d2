import type { StreamDefinition } from './engine/definition.js';
import type { Json } from './engine/messages.js';

export type WindowState = 'open' | 'closed' | 'final' | 'withdrawn';

/** The widest times that a date can be: what lies beyond is shown as they are. */
const LAST_DATE = 8.64e15;

/** A time as the API shows it. */
export function shownTime(ms: number): string {
  return new Date(Math.min(Math.max(ms, -LAST_DATE), LAST_DATE)).toISOString();
}

/** A watermark as the API shows it: null before the first one, `end` once the input has ended. */
export function shownWatermark(watermark: number): string | null {
  if (watermark === Number.POSITIVE_INFINITY) return 'end';
  return watermark === Number.NEGATIVE_INFINITY ? null : shownTime(watermark);
}

/** A key (canonical JSON) as the API shows it: its values under the names of the stream's key fields. */
export function shownKey({ key: fields }: Pick<StreamDefinition, 'key'>, key: string): Record<string, Json> {
  const values = JSON.parse(key) as Json[];
  return Object.fromEntries(fields.map((field, at) => [field, values[at] ?? null]));
}

/** A window's state follows from where the watermark is. */
export function stateOf(end: number, lateness: number, watermark: number): Exclude<WindowState, 'withdrawn'> {
  if (watermark < end) return 'open';
  return watermark < end + lateness ? 'closed' : 'final';
}

/** What is known of one window of one key. */
export interface KnownWindow {
  start: number;
  end: number;
  key: string;
  revision: number;
  events: number;
  values: Readonly<Record<string, Json>>;
  truncated?: readonly string[];
  approximate?: readonly string[];
  mergedInto?: { start: number; end: number };
}

export interface ShownWindow {
  key: Record<string, Json>;
  start: string;
  end: string;
  state: WindowState;
  revision: number;
  events: number;
  values: Readonly<Record<string, Json>>;
  truncated?: readonly string[];
  approximate?: readonly string[];
  mergedInto?: { start: string; end: string };
}

export function shownWindow(
  definition: Pick<StreamDefinition, 'key' | 'lateness'>,
  known: KnownWindow,
  watermark: number,
): ShownWindow {
  const { start, end, revision, events, values, truncated, approximate, mergedInto } = known;
  return {
    key: shownKey(definition, known.key),
    start: shownTime(start),
    end: shownTime(end),
    state: mergedInto ? 'withdrawn' : stateOf(end, definition.lateness, watermark),
    revision,
    events,
    values,
    ...(truncated && { truncated }),
    ...(approximate && { approximate }),
    ...(mergedInto && {
      mergedInto: { start: shownTime(mergedInto.start), end: shownTime(mergedInto.end) },
    }),
  };
}
