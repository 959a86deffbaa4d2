/** What goes into an engine and what comes out of it. Times are epoch milliseconds; a watermark may be −∞ (none yet) or ∞ (the end). */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface EngineEvent {
  /** Event time. */
  time: number;
  received: number;
  /** Null: the one source of a stream without a source field, or an event that names none. */
  source: string | null;
  /** Canonical JSON of the array of the key's values, `[]` where the stream has no key. */
  key: string;
  /** One for each of `fieldsOf(definition)`; null where the event has none. Checked: numbers where a numeric operator looks. */
  values: readonly Json[];
}

/** A producer's word that every later event of the source is at or after `time`. */
export interface Mark {
  /** Undefined: of all sources, also of those to come. */
  source: string | null | undefined;
  /** ∞: the end of input. */
  time: number;
  received: number;
}

/** A window, `[start, end)`, of a window definition. */
export interface Span {
  window: string;
  start: number;
  end: number;
}

/** What became of an event. */
export interface Applied {
  /** So far ahead of its receipt that it did not move the clock. */
  future: boolean;
  /** It missed all windows it belongs to, of all definitions, and there is at least one. */
  late: boolean;
  /** It belongs to no window of any definition. */
  unassigned: boolean;
  /** The windows that were final when it came. */
  missed: readonly Span[];
  /** The windows that took it; filled only where it missed one. */
  counted: readonly Span[];
}

/** An event that a bound keeps out; nothing of it was applied. */
export interface Refused {
  /** The bound that it hits, such as `keys`, `openWindows`, `sources`, `slidingEvents`. */
  refused: keyof EngineLimits;
}

/** What a window says: its on-time result (revision 1) or a correction (a higher revision). */
export interface WindowResult extends Span {
  key: string;
  revision: number;
  /** Events in it. */
  events: number;
  values: Readonly<Record<string, Json>>;
  /** Names of aggregates whose value leaves something out, since a bound on collected values was hit. */
  truncated?: readonly string[];
  /** Names of aggregates whose value is an estimate (its error: README). */
  approximate?: readonly string[];
}

/** A session that was told and is now part of another. */
export interface Withdrawal extends Span {
  key: string;
  /** One more than that of its last result. */
  revision: number;
  mergedInto: { start: number; end: number };
}

export interface AlarmChange {
  raised: boolean;
  /** Received time of the change. */
  at: number;
  /** The share of late events, and of how many. */
  lateRatio: number;
  events: number;
}

/** Where an engine puts what it has to say, in an order that only the log determines. */
export interface Sink {
  result(result: WindowResult): void;
  withdrawal(withdrawal: Withdrawal): void;
  alarm(change: AlarmChange): void;
}

export interface Counters {
  accepted: number;
  lateEvents: number;
  lateWindows: number;
  future: number;
  unassigned: number;
}

/** How much an engine holds that is not final. */
export interface EngineSize {
  keys: number;
  /** Windows, and the slices that windows share, over all keys. */
  held: number;
  sources: number;
}

export interface SourceClock {
  source: string | null;
  /** −∞ where it has said nothing yet. */
  watermark: number;
  maxEventTime: number | null;
  lastReceived: number;
  idle: boolean;
}

/** How far behind the newest event of their source events come, in milliseconds, within 1 %. */
export interface Delays {
  p50: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
}

export interface ClockView {
  watermark: number;
  /** Ordered by watermark, those that hold it back first; at most the number asked for. */
  sources: readonly SourceClock[];
  /** The source whose clock the watermark waits for; undefined: there is none. */
  heldBackBy: string | null | undefined;
  windows: Readonly<Record<string, { open: number; nextClose: number | null }>>;
  counters: Counters;
  /** Null before the first event. */
  delay: Delays | null;
  /** The smallest bound that would have kept this share of events from being behind the clock. */
  boundFor: Readonly<Record<'0.95' | '0.99' | '0.999', number>> | null;
  alarm: AlarmChange | null;
}

/** Which open windows are asked for. */
export interface OpenQuery {
  window: string;
  /** Windows that overlap `[from, to)`. */
  from?: number;
  to?: number;
  /** Whether a key (canonical JSON) is asked for. */
  key?: (key: string) => boolean;
  /** Only those after this one in the order of start, end, key. */
  after?: { start: number; end: number; key: string };
  limit: number;
}

/** Bounds on what an engine holds. An event that would go beyond one is refused, and changes nothing. */
export interface EngineLimits {
  /** Keys with a window that is not final. */
  keys: number;
  sources: number;
  /** Windows and slices that are not final, over all keys. */
  openWindows: number;
  /** Events of one key that a sliding window definition holds. */
  slidingEvents: number;
  /** Values in one `collect`; the first ones by event time stay. Hitting it refuses nothing. */
  collected: number;
  /** Values up to which `distinct` is exact. Hitting it refuses nothing. */
  distinct: number;
}

export const DEFAULT_LIMITS: EngineLimits = {
  keys: 1_000_000,
  sources: 1_000_000,
  openWindows: 5_000_000,
  slidingEvents: 10_000,
  collected: 1000,
  distinct: 10_000,
};
