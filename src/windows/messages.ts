/** The contract between the main thread, the journal thread (which holds the engines) and the readers, for streams. */
import type { Fault } from '../errors.js';
import type { ClockView, Counters, EngineSize, Json, OpenQuery, WindowResult } from './engine/messages.js';
import type { KeyValues } from './key-values.js';

/** The kinds under which the journal knows entries of this module, and what each answers with. */
export const STREAM_PUT = 'stream.put'; // StreamPut → StreamPutResult
export const STREAM_DELETE = 'stream.delete'; // StreamDelete → StreamDeleteResult
export const STREAM_EVENTS = 'stream.events'; // StreamEvents → StreamEventsResult
export const STREAM_TICK = 'stream.tick'; // { now } → undefined: wakes every stream that has something to do by then

/** Calls of the journal thread between commits (`JournalService.ask`). */
export const STREAM_CLOCK = 'stream.clock'; // StreamClockQuery → StreamClock | null
export const STREAM_OPEN = 'stream.open'; // StreamOpenAsk → StreamOpen | null
export const STREAM_WAKE = 'stream.wake'; // undefined → number | null: when the next tick has something to do
export const STREAM_HOUSEKEEPING = 'stream.housekeeping'; // StreamHousekeepingAsk → StreamHousekeeping: one short step of retention and snapshots

/**
 * What a log row holds: lines of events and marks (see `events/`; a line that was erased is `null`), the time of a tick, the
 * definition with which the stream begins anew, or another one with which it goes on.
 */
export type LineForm = 'json' | 'cloudevents' | 'tick' | 'restart' | 'definition';

export interface StreamPut {
  name: string;
  /** The definition as the API shows it: JSON that `readDefinition` takes. */
  definition: Json;
  /** Begin anew where the change would alter results. */
  restart: boolean;
  now: number;
}

export type StreamPutResult =
  | { put: 'created' | 'replaced' | 'unchanged' | 'restarted' }
  /** What would alter results: JSON pointers into the definition. */
  | { conflict: readonly string[] }
  | { refused: 'streams' | 'reserved' };

export interface StreamDelete {
  name: string;
}

export interface StreamDeleteResult {
  deleted: boolean;
  /** A built-in stream stays. */
  refused?: 'reserved';
}

export interface StreamEvents {
  name: string;
  received: number;
  form: 'json' | 'cloudevents';
  /** JSON texts, none with a line feed in it: events and marks in the order given, all of them valid by the definition below. */
  lines: readonly string[];
  /** Index in the request of each line. */
  indexes: readonly number[];
  /** How many were rejected before they came here. */
  rejected: number;
  /** All or none: bounds of the engine too. */
  atomic: boolean;
  /** `changed` of the definition that the lines were checked against; another one by now refuses the whole (409 `stream-changed`). */
  changed: number;
}

export type StreamEventsResult =
  | {
      /** Elements that are in the log now, marks among them: with duplicates and rejected ones, all that came. */
      accepted: number;
      duplicates: number;
      late: { events: number; windows: number };
      future: number;
      /** Those that a bound kept out, or that were not valid after all. */
      rejected: { index: number; errors: Fault[] }[];
      watermark: number;
    }
  /** `reserved`: only predictions are events of that stream. */
  | {
      refused: 'unknown' | 'changed' | 'atomic' | 'reserved';
      rejected?: { index: number; errors: Fault[] }[];
    };

export interface StreamClockQuery {
  name: string;
  /** How many of its sources are shown. */
  sources: number;
}

export interface StreamOpenQuery {
  name: string;
  query: OpenQuery;
}

export interface StreamClock {
  clock: ClockView;
  duplicates: number;
  rejected: number;
}

/** `StreamOpenQuery` as it goes from thread to thread. */
export interface StreamOpenAsk {
  name: string;
  query: Omit<OpenQuery, 'key'> & {
    /** Values that members of the key must have, as `keyFits` compares them; null: any. */
    key?: KeyValues;
  };
}

/** Open windows, and up to where the log had been told then. */
export interface StreamOpen {
  items: WindowResult[];
  watermark: number;
}

export interface StreamHousekeepingAsk {
  now: number;
  /** Whether figures are wanted with the answer. */
  figures: boolean;
}

/** What there is to measure of a stream; of several under an empty name. Counts are those since it began. */
export interface StreamFigures extends Counters, EngineSize {
  name: string;
  watermark: number;
  duplicates: number;
  rejected: number;
  /** Alarms that are raised. */
  alarms: number;
}

export interface StreamHousekeeping {
  /** Whether another step would find work now. */
  more: boolean;
  /** Streams that cannot be restored, and why; they answer with an error until they begin anew. */
  broken: readonly { name: string; reason: string }[];
  figures: readonly StreamFigures[] | null;
}

/** Calls of the readers (`ReadersService.query`). */
export const READ_STREAMS = 'streams.list'; // undefined → StreamRow[]
export const READ_STREAM = 'streams.one'; // name → StreamRow | null
export const READ_WINDOWS = 'streams.windows'; // WindowsQuery → StoredWindow[]
export const READ_LATE = 'streams.late'; // LateQuery → LateRow[]
export const READ_TIMES = 'streams.times';
export const READ_ALARMS = 'streams.alarms';
export const READ_WINDOW = 'streams.window'; // WindowQuery → StoredWindow | null
export const READ_HEAD = 'streams.head'; // name → the newest emission of a stream, 0 before the first; null: there is no such stream
export const READ_RAISED = 'streams.raised'; // undefined → RaisedAlarm[]: streams whose alarm is raised now
export const READ_EMISSIONS = 'streams.emissions'; // EmissionsQuery → EmissionsPage (queries/messages.ts, as all of these)

export interface StreamRow {
  id: number;
  name: string;
  definition: Json;
  created: number;
  changed: number;
}

export interface WindowsQuery {
  name: string;
  window: string;
  from?: number;
  to?: number;
  /** Values that members of the key must have, as `keyFits` compares them; null: any. */
  key?: KeyValues;
  /** Lower and upper bounds of `end` that say the state, by the watermark: see `OpenQuery`. */
  endAbove?: number;
  endAtMost?: number;
  withdrawn: 'none' | 'only' | 'also';
  after?: { start: number; end: number; key: string };
  limit: number;
}

export type { ClockView, OpenQuery };
