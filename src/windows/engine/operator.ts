import type { Json, OpenQuery, Sink, Span, WindowResult, EngineEvent } from './messages.js';

/** What an engine holds of one key: for each operator the state of its own, or null where it has none. */
export interface Key {
  readonly text: string;
  /** Its place in the order in which keys came; things that happen at the same time happen in this order. */
  readonly ordinal: number;
  readonly states: unknown[];
  /** The number of the last snapshot that it is in, or came after. */
  snapshot: number;
}

/** An event on its way through the operators of an engine. */
export interface Arrival {
  event: EngineEvent;
  /** How many events came before it. */
  number: number;
  /** The watermark before it. */
  watermark: number;
  sink: Sink;
  /** Null where it is not behind the watermark: then it misses nothing. */
  late: { missed: Span[]; counted: Span[] } | null;
}

/**
 * Keeps the windows of one definition, or of some that share their slices. It knows no clock: the engine tells it the watermark, and
 * wakes it when that reaches `next`.
 */
export interface Operator {
  /** Names of its definitions. */
  readonly names: readonly string[];
  /** Slices, sessions and windows that it holds. */
  readonly held: number;
  /** Whether an event would make it hold more. */
  grows(key: Key | undefined, event: EngineEvent): boolean;
  /** Whether one key has no room for an event. */
  isFull(key: Key, event: EngineEvent): boolean;
  /** @returns whether the event belongs to a window, missed ones included */
  add(key: Key, arrival: Arrival): boolean;
  /** When a window closes next, or something can be let go; ∞: never. */
  readonly next: number;
  /**
   * Does what there is to do at `next`.
   * @param before is told of each key before it changes
   * @returns keys of which nothing is left here
   */
  wake(sink: Sink, before: (key: Key) => void): Key[];
  /** The windows of one key that are open at `watermark`, unordered; without values, which `valueOf` fills in. */
  open(key: Key, query: OpenQuery, watermark: number): OpenWindow[];
  /** Adds the open windows of one key to a census. */
  census(key: Key, window: string, watermark: number, census: Census): void;
  encode(key: Key): Json;
  /** Takes what `encode` gave; nothing else is known of the key here. */
  decode(key: Key, encoded: Json): void;
}

/** How many windows are open, and when the first of them closes; ∞: none is. */
export interface Census {
  open: number;
  nextClose: number;
}

export interface OpenWindow {
  start: number;
  end: number;
  result(): WindowResult;
}

/** Whether a window overlaps what is asked for, and comes after where the last page ended. */
export function isAsked(query: OpenQuery, start: number, end: number, key: string): boolean {
  const { from, to, after } = query;
  if (from !== undefined && end <= from) return false;
  if (to !== undefined && start >= to) return false;
  return after === undefined || inOrder(after, { start, end, key });
}

/** Whether `a` comes before `b` in the order of start, end, key. */
export function inOrder(
  a: { start: number; end: number; key: string },
  b: { start: number; end: number; key: string },
): boolean {
  if (a.start !== b.start) return a.start < b.start;
  if (a.end !== b.end) return a.end < b.end;
  return a.key < b.key;
}

/** Puts keys in their order, each once: one that left a time of the schedule and came back is there twice. They nearly always are. */
export function inOrderOfArrival(keys: Key[]): Key[] {
  for (let i = 1; i < keys.length; i++)
    if ((keys[i - 1] as Key).ordinal >= (keys[i] as Key).ordinal)
      return [...new Set(keys)].sort((a, b) => a.ordinal - b.ordinal);
  return keys;
}
