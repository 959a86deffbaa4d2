/** What a stream is, as a checked and normalised value: every duration in whole milliseconds, every default filled in. */
export interface StreamDefinition {
  /** Fields whose values together are the key: member names, or JSON pointers where they begin with `/`. Empty: one group. */
  key: readonly string[];
  /** The field that names the source of an event; null: there is one source. */
  source: string | null;
  /** The field that tells duplicates of an event; null: events are never compared. */
  id: string | null;
  eventTime: string;
  /** The field that says when an event was sent; null: unknown. */
  sentAt: string | null;
  watermark: WatermarkDefinition;
  /** How long after its receipt an event's `id` is remembered. */
  dedupeFor: number;
  /** How long after its end a window still takes late events. */
  lateness: number;
  alarm: AlarmDefinition | null;
  /** By name, in the order given. */
  windows: Readonly<Record<string, WindowDefinition>>;
  /** How long after their receipt events, and after their end windows, are kept; null: for ever. */
  retention: { events: number | null; windows: number | null };
}

export interface WatermarkDefinition {
  /** `bounded`: a source is behind its newest event by `bound`. `punctuated`: its producer says how far it is. */
  type: 'bounded' | 'punctuated';
  /** 0 where the type is `punctuated`. */
  bound: number;
  /** Received time without an event after which a source is idle; null: never. */
  idleAfter: number | null;
  /** How far ahead of its receipt an event may be and still move the clock; null: any. */
  futureLimit: number | null;
}

export interface AlarmDefinition {
  /** The share of late events, above 0 and below 1, that raises the alarm. */
  lateRatio: number;
  /** The received time that is looked at. */
  over: number;
  minEvents: number;
}

export type WindowDefinition =
  TumblingWindow | HoppingWindow | CumulativeWindow | SlidingWindow | SessionWindow | CalendarWindow;

interface Aggregating {
  /** By name, in the order given. */
  aggregates: Readonly<Record<string, AggregateDefinition>>;
}

export interface TumblingWindow extends Aggregating {
  type: 'tumbling';
  size: number;
  /** In `[0, size)`. */
  offset: number;
}

export interface HoppingWindow extends Aggregating {
  type: 'hopping';
  size: number;
  every: number;
  /** In `[0, every)`. */
  offset: number;
}

export interface CumulativeWindow extends Aggregating {
  type: 'cumulative';
  size: number;
  /** Divides `size`. */
  step: number;
  /** In `[0, size)`. */
  offset: number;
}

export interface SlidingWindow extends Aggregating {
  type: 'sliding';
  size: number;
}

export interface SessionWindow extends Aggregating {
  type: 'session';
  gap: number;
  /** Whether two events exactly `gap` apart share a session. */
  touching: 'separate' | 'merge';
  /** Longest session, from its start to its end; null: any. */
  maxSize: number | null;
}

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'year';

export interface CalendarWindow extends Aggregating {
  type: 'calendar';
  unit: CalendarUnit;
  count: number;
  /** A local date, `YYYY-MM-DD`, from which units are counted. */
  anchor: string;
  /** An IANA name. */
  timeZone: string;
}

export type AggregateOp =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'variance'
  | 'stddev'
  | 'first'
  | 'last'
  | 'distinct'
  | 'quantile'
  | 'collect';

/** Operators whose field must be a number; the others take what it is. */
export const NUMERIC_OPS: ReadonlySet<AggregateOp> = new Set<AggregateOp>([
  'sum',
  'mean',
  'min',
  'max',
  'variance',
  'stddev',
  'quantile',
]);

export interface AggregateDefinition {
  op: AggregateOp;
  /** A member name or JSON pointer; null only for `count`: all events. */
  field: string | null;
  /** In (0, 1), for `quantile`; null for the others. */
  q: number | null;
}

/** The fields that aggregates look at, each once, in the order in which they are first named: the order of `EngineEvent.values`. */
export function fieldsOf({ windows }: StreamDefinition): string[] {
  const fields = new Set<string>();
  for (const { aggregates } of Object.values(windows))
    for (const { field } of Object.values(aggregates)) if (field !== null) fields.add(field);
  return [...fields];
}
