/**
 * Worked examples from the tests and documents of other engines (`test/fixtures/windows`, schema `windows-case/1`), put in Oriel's
 * terms. Times are epoch milliseconds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type {
  AggregateDefinition,
  AggregateOp,
  CalendarUnit,
  StreamDefinition,
  WindowDefinition,
} from '../../src/windows/engine/definition.js';
import type { Json } from '../../src/windows/engine/messages.js';

export interface CaseWindow {
  type: string;
  size_ms?: number;
  size_local?: string;
  slide_ms?: number;
  step_ms?: number;
  gap_ms?: number;
  offset_ms?: number;
  touching_merges?: boolean;
  max_size_ms?: number;
  unit?: CalendarUnit;
  count?: number;
  anchor_local?: string;
  tz?: string;
}

export interface CaseAggregate {
  op: string;
  field?: string;
  as?: string;
  as_set?: boolean;
  q?: number;
}

export type CaseEntry =
  { t: number; key?: Json; v?: Json } | { watermark: number | 'inf' } | { check: string } | { restart: Json };

export interface CaseRow {
  key: Json;
  start: number;
  end: number;
  value: Json;
}

export interface WorkedCase {
  id: string;
  title: string;
  source: { repo: string };
  window: CaseWindow;
  bounds?: { start?: string; end?: 'exclusive' | 'inclusive' | 'last_event' };
  lateness_ms?: number;
  watermark?: { type: 'bounded' | 'none' | 'explicit'; bound_ms?: number; semantics?: string };
  aggregate: CaseAggregate | CaseAggregate[];
  emit: 'final' | 'table' | 'fire_and_update' | 'assign';
  events: CaseEntry[];
  assign?: { window: CaseWindow; t: number; expect?: [number, number][]; expect_start?: number }[];
  expect?: CaseRow[];
  expect_at?: Record<string, CaseRow[]>;
  expect_table?: CaseRow[];
  expect_emissions?: CaseRow[];
  expect_late?: { key: Json; t: number; v?: Json }[];
  expect_partial_late?: { key: Json; t: number; window: [number, number] }[];
  min_start_ms?: number;
  assert_keys?: Json[];
}

const FOLDER = new URL('../fixtures/windows/', import.meta.url);

export function workedCases(): WorkedCase[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as WorkedCase);
}

/** The name of the window in every case's stream, and of the value where the case names none. */
export const WINDOW = 'w';
const VALUE = 'value';

export function caseStream(it: WorkedCase): StreamDefinition {
  return streamOf(windowOf(it, it.window, aggregatesOf(it.aggregate)), it);
}

/** A stream whose watermark never moves, to see where an event falls. */
export function assignStream(window: CaseWindow): StreamDefinition {
  return streamOf(windowOf({}, window, { [VALUE]: { op: 'count', field: null, q: null } }), {});
}

/** A stream's definition as a client writes it: defaults left out, offsets as the case has them. */
export function definitionJson(definition: StreamDefinition, window?: CaseWindow): Json {
  const { key, eventTime, watermark, lateness, windows } = definition;
  const { type, bound } = watermark;
  return {
    ...{ key, eventTime, lateness, watermark: { type, futureLimit: null, ...(bound > 0 && { bound }) } },
    windows: Object.fromEntries(
      Object.entries(windows).map(([name, { aggregates, ...own }]) => [
        name,
        {
          ...own,
          ...(window?.offset_ms !== undefined && { offset: window.offset_ms }),
          aggregates: Object.fromEntries(
            Object.entries(aggregates).map(([as, { op, field, q }]) => [
              as,
              { op, ...(field !== null && { field }), ...(q !== null && { q }) },
            ]),
          ),
        },
      ]),
    ),
  };
}

function streamOf(
  window: WindowDefinition,
  { watermark, lateness_ms }: Partial<WorkedCase>,
): StreamDefinition {
  const bounded = watermark?.type === 'bounded';
  return {
    ...{ key: ['k'], source: null, id: null, eventTime: 't', sentAt: null },
    watermark: {
      type: bounded ? 'bounded' : 'punctuated',
      bound: bounded ? (watermark.bound_ms ?? 0) : 0,
      idleAfter: null,
      futureLimit: null,
    },
    ...{ dedupeFor: 86_400_000, lateness: lateness_ms ?? 0, alarm: null },
    windows: { [WINDOW]: window },
    retention: { events: null, windows: null },
  };
}

function aggregatesOf(aggregate: WorkedCase['aggregate']): Record<string, AggregateDefinition> {
  const several = Array.isArray(aggregate) ? aggregate : [aggregate];
  return Object.fromEntries(
    several.map(({ op, field, as, q }) => {
      const known = OPS[op] ?? (op as AggregateOp);
      const looked = field ?? (known === 'count' ? null : 'v');
      return [as ?? VALUE, { op: known, field: looked, q: q ?? null }];
    }),
  );
}

const OPS: Readonly<Record<string, AggregateOp>> = { avg: 'mean', count_distinct: 'distinct' };

function windowOf(
  it: Partial<WorkedCase>,
  window: CaseWindow,
  aggregates: Record<string, AggregateDefinition>,
): WindowDefinition {
  const size = window.size_ms ?? 0;
  const aligned = (period: number): number => ((((window.offset_ms ?? 0) % period) + period) % period) + 0;
  if (window.size_local !== undefined) return { ...localWindow(window), aggregates };
  switch (window.type) {
    case 'tumbling':
      return { type: 'tumbling', size, offset: aligned(size), aggregates };
    case 'hopping': {
      const every = window.slide_ms ?? size;
      return { type: 'hopping', size, every, offset: aligned(every), aggregates };
    }
    case 'cumulate':
      return { type: 'cumulative', size, step: window.step_ms ?? size, offset: aligned(size), aggregates };
    case 'sliding':
      return { type: 'sliding', size, aggregates };
    case 'session':
      return {
        ...{ type: 'session', gap: window.gap_ms ?? 0, touching: touchingOf(it) },
        ...{ maxSize: window.max_size_ms ?? null, aggregates },
      };
    case 'calendar': {
      const { unit = 'day', count = 1, anchor_local = '1970-01-01', tz = 'UTC' } = window;
      return { type: 'calendar', unit, count, anchor: anchor_local.slice(0, 10), timeZone: tz, aggregates };
    }
    default:
      throw new Error(`unknown window type ${window.type}`);
  }
}

const LOCAL_UNITS: Readonly<Record<string, CalendarUnit>> = {
  TH: 'hour',
  D: 'day',
  W: 'week',
  M: 'month',
  Y: 'year',
};

/** `PT4H`, `P1D`, `P1M` of wall-clock time. */
function localWindow({ size_local = '', tz = 'UTC', anchor_local }: CaseWindow) {
  const [, hours = '', count = '', letter = ''] = /^P(T?)(\d+)([HDWMY])$/.exec(size_local) ?? [];
  const unit = LOCAL_UNITS[hours + letter];
  if (unit === undefined) throw new Error(`unknown local size ${size_local}`);
  const anchor = anchor_local?.slice(0, 10) ?? (unit === 'week' ? '1970-01-05' : '1970-01-01');
  return { type: 'calendar' as const, unit, count: Number(count), anchor, timeZone: tz };
}

/**
 * Flink merges sessions that touch and yet ends them at last + gap. That is Oriel's `separate`, unless two events are exactly a gap
 * apart; a case whose ends are those of the last events says in words what it means.
 */
function touchingOf(it: Partial<WorkedCase>): 'merge' | 'separate' {
  if (it.window?.touching_merges !== true) return 'separate';
  if (it.bounds?.end === 'last_event') return 'merge';
  const events = (it.events ?? []).filter((one) => 't' in one);
  const apart = (a: number, b: number): boolean => Math.abs(a - b) === it.window?.gap_ms;
  return events.some((a) =>
    events.some((b) => JSON.stringify(a.key) === JSON.stringify(b.key) && apart(a.t, b.t)),
  )
    ? 'merge'
    : 'separate';
}

/** The end of a row of the case, as Oriel's exclusive end. */
export function exclusiveEnd(it: WorkedCase, end: number): number {
  const touching = it.window.type === 'session' && touchingOf(it) === 'merge' ? 1 : 0;
  switch (it.bounds?.end ?? 'exclusive') {
    case 'inclusive':
      return end + 1;
    case 'last_event':
      return end + (it.window.gap_ms ?? 0) + touching;
    case 'exclusive':
      return end + touching;
  }
}

/** What is sent for an event of the case. */
export function eventOf({ key, t, v }: { key?: Json; t: number; v?: Json }): Record<string, Json> {
  const fields = v !== null && typeof v === 'object' && !Array.isArray(v) ? v : { v: v ?? null };
  return { ...(fields as Record<string, Json>), k: key ?? null, t };
}

/** What a watermark of the case is: the first time that may still come, or the end. */
export function markOf(it: WorkedCase, mark: number | 'inf'): number | 'end' {
  if (mark === 'inf') return 'end';
  const flink = (it.watermark?.semantics ?? it.source.repo).includes('flink');
  return flink ? mark + 1 : mark;
}
