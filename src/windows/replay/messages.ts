/** Between the main thread and the long reader that replays a log: `REPLAY_OPEN` once, `REPLAY_NEXT` until it answers, `REPLAY_CLOSE`. */
import type { Json, WindowResult } from '../engine/messages.js';
import type { LateRow } from '../queries/messages.js';

export const REPLAY_OPEN = 'replay.open'; // ReplayQuestion → undefined
export const REPLAY_NEXT = 'replay.next'; // undefined → ReplayAnswer | null: not yet
export const REPLAY_CLOSE = 'replay.close';

/** Most windows of one definition, and late events, that a replay tells. */
export const MOST_WINDOWS = 10_000;
export const MOST_LATE = 1000;

export interface ReplayQuestion {
  name: string;
  /** The definition to replay by, as the API shows it. */
  definition: Json;
  /** Of that definition, in milliseconds. */
  lateness: number;
  /** Received at or after, and before. */
  from?: number;
  to?: number;
}

export interface ReplayAnswer {
  /** Events that were told. */
  events: number;
  /** Events that the definition does not take, or that a bound of the engine kept out. */
  rejected: number;
  late: { events: number; windows: number; items: LateRow[] };
  /** By name: what they say at the end, ordered by start, end, key. */
  windows: Record<string, { items: WindowResult[]; truncated: boolean }>;
  watermark: number;
  counters: { accepted: number; lateEvents: number; lateWindows: number; future: number; unassigned: number };
}
