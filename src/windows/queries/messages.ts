/** What the readers are asked about streams, and answer; the names of the calls are in `../messages.ts`. Times are epoch milliseconds. */
import type { Json, Span } from '../engine/messages.js';
import type { KnownWindow } from '../shown.js';

/** The newest that is stored of one window and key. */
export type StoredWindow = KnownWindow;

export interface WindowQuery {
  name: string;
  window: string;
  start: number;
  end: number;
  key: string;
}

export interface LateQuery {
  name: string;
  /** Only events that missed all their windows. */
  all: boolean;
  descending: boolean;
  /** The `seq` of the last one before. */
  after?: number;
  limit: number;
}

export interface LateRow {
  seq: number;
  time: number;
  received: number;
  lateBy: number;
  key: string;
  event: Json;
  missed: Span[];
  counted: Span[];
}

export interface AlarmsQuery {
  name: string;
  descending: boolean;
  /** The emission of the last one before. */
  after?: number;
  limit: number;
}

export interface AlarmRow {
  emission: number;
  raised: boolean;
  at: number;
  lateRatio: number;
  events: number;
}

export interface RaisedAlarm {
  name: string;
  at: number;
  lateRatio: number;
  events: number;
}

/** What live readers are told from one emission on. */
export interface EmissionsQuery {
  name: string;
  /** Only windows of this definition, and late events that missed one of them; alarms are told in any case. */
  window: string | null;
  /** The last emission that was told. */
  after: number;
  /** The last one to look at. */
  upTo: number;
  /** By which the state of windows is told. */
  watermark: number;
}

export interface EmissionsPage {
  /** Server-sent events, each with the emission as its id; empty where none of those looked at is asked for. */
  text: string;
  /** The last emission that was looked at. */
  lookedAt: number;
}

export interface TimesQuery {
  name: string;
  /** Received at or after, and before. */
  from?: number;
  to?: number;
  /** Most points. */
  limit: number;
}

/** An event's two times, and where the watermark was after it. */
export interface TimePoint {
  time: number;
  received: number;
  source: string | null;
  watermark: number;
}

export interface TimesAnswer {
  items: TimePoint[];
  /** Events in the time asked for; more than there are points where they were sampled. */
  events: number;
  /** Whether the clock was followed from the beginning of the kept log. */
  exact: boolean;
}
