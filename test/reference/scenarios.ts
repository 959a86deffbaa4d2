/**
 * Random streams and what happens to them. Everything is drawn in whole units (a millisecond, a quarter of an hour, days) about a
 * moment at which some clock is set, with a millisecond more here and there, so that edges meet.
 */
import fc, { type Arbitrary } from 'fast-check';
import {
  fieldsOf,
  type AggregateDefinition,
  type StreamDefinition,
  type WindowDefinition,
} from '../../src/windows/engine/definition.js';
import type { Json } from '../../src/windows/engine/messages.js';
import type { Step } from './reference.js';

export type Move = Step | { restart: true };

export interface Scenario {
  definition: StreamDefinition;
  moves: Move[];
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

interface Scale {
  unit: number;
  base: number;
}

const MOMENTS = [
  '2026-03-29T01:00:00Z', // Warsaw, forward
  '2026-10-25T01:00:00Z', // Warsaw, back
  '2026-03-08T10:00:00Z', // Los Angeles, forward
  '2026-11-01T09:00:00Z', // Los Angeles, back
  '2026-04-04T15:00:00Z', // Lord Howe, back by half an hour
  '2026-10-03T15:30:00Z', // Lord Howe, forward
  '2018-11-04T03:00:00Z', // São Paulo, over midnight
  '2018-02-18T02:00:00Z', // São Paulo, back to the day before
  '2006-10-29T02:31:00Z', // St. John's, back to the day before a minute after midnight
  '2011-12-30T10:00:00Z', // Apia, over a whole day
  '2024-02-28T18:30:00Z', // Kolkata's midnight before the 29th of February
].map((text) => Date.parse(text));

const ZONES = [
  'UTC',
  'Europe/Warsaw',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Pacific/Apia',
];

const scale: Arbitrary<Scale> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ unit: 1, base: 0 }) },
  {
    weight: 2,
    arbitrary: fc.record({
      unit: fc.constantFrom(15 * MINUTE, 37 * MINUTE, 6 * 60 * MINUTE),
      base: fc.constantFrom(...MOMENTS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ unit: fc.constant(1), base: fc.constantFrom(...MOMENTS) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      unit: fc.constantFrom(DAY, 11 * DAY),
      base: fc.constantFrom(0, MOMENTS[4]!, MOMENTS[10]!),
    }),
  },
);

/** So many units, and some milliseconds. */
type Length = readonly [units: number, ms: number];

const length = (min: number, max: number): Arbitrary<Length> =>
  fc.tuple(fc.integer({ min, max }), fc.constantFrom(0, 0, 0, 1));

const lengthOrNull = (min: number, max: number): Arbitrary<Length | null> =>
  fc.option(length(min, max), { nil: null });

const ms = ({ unit }: Scale, [units, more]: Length): number => units * unit + more;

const modulo = (a: number, b: number): number => a - Math.floor(a / b) * b;

const CATALOGUE: readonly (readonly [string, AggregateDefinition])[] = [
  ['n', { op: 'count', field: null, q: null }],
  ['xs', { op: 'count', field: 'x', q: null }],
  ['sum', { op: 'sum', field: 'x', q: null }],
  ['mean', { op: 'mean', field: 'x', q: null }],
  ['min', { op: 'min', field: 'x', q: null }],
  ['max', { op: 'max', field: 'x', q: null }],
  ['variance', { op: 'variance', field: 'x', q: null }],
  ['stddev', { op: 'stddev', field: 'x', q: null }],
  ['first', { op: 'first', field: 'y', q: null }],
  ['last', { op: 'last', field: 'y', q: null }],
  ['distinct', { op: 'distinct', field: 'y', q: null }],
  ['low', { op: 'quantile', field: 'x', q: 0.1 }],
  ['median', { op: 'quantile', field: 'x', q: 0.5 }],
  ['high', { op: 'quantile', field: 'x', q: 0.99 }],
  ['all', { op: 'collect', field: 'y', q: null }],
];

const aggregates = fc.subarray([...CATALOGUE]).map((some) => Object.fromEntries(some));

/** A window definition, once the scale is known. */
type Scaled<T> = (scale: Scale) => T;

const tumbling: Arbitrary<Scaled<WindowDefinition>> = fc
  .record({ size: length(1, 12), offset: length(-20, 20), aggregates })
  .map(({ size, offset, aggregates: all }) => (by) => {
    const whole = ms(by, size);
    return { type: 'tumbling', size: whole, offset: modulo(ms(by, offset), whole), aggregates: all };
  });

const hopping: Arbitrary<Scaled<WindowDefinition>> = fc
  .record({ size: length(1, 12), every: length(1, 14), offset: length(-20, 20), aggregates })
  .map(({ size, every, offset, aggregates: all }) => (by) => {
    const hop = ms(by, every);
    return {
      ...{ type: 'hopping', size: ms(by, size), every: hop, offset: modulo(ms(by, offset), hop) },
      aggregates: all,
    };
  });

const cumulative: Arbitrary<Scaled<WindowDefinition>> = fc
  .record({ step: length(1, 4), steps: fc.integer({ min: 1, max: 5 }), offset: length(-20, 20), aggregates })
  .map(({ step, steps, offset, aggregates: all }) => (by) => {
    const one = ms(by, step);
    const size = one * steps;
    return { type: 'cumulative', size, step: one, offset: modulo(ms(by, offset), size), aggregates: all };
  });

const sliding: Arbitrary<Scaled<WindowDefinition>> = fc
  .record({ size: length(1, 8), aggregates })
  .map(({ size, aggregates: all }) => (by) => ({ type: 'sliding', size: ms(by, size), aggregates: all }));

const session: Arbitrary<Scaled<WindowDefinition>> = fc
  .record({
    gap: length(1, 5),
    touching: fc.constantFrom('separate' as const, 'merge' as const),
    more: lengthOrNull(0, 12),
    aggregates,
  })
  .map(({ gap, touching, more, aggregates: all }) => (by) => {
    const apart = ms(by, gap);
    const maxSize = more === null ? null : apart + 1 + ms(by, more);
    return { type: 'session', gap: apart, touching, maxSize, aggregates: all };
  });

const calendarUnit = fc.oneof(
  fc.record({ unit: fc.constant('hour' as const), count: fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 24) }),
  fc.record({
    unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
    count: fc.integer({ min: 1, max: 5 }),
  }),
);

const calendar: Arbitrary<Scaled<WindowDefinition>> = fc
  .record({
    counted: calendarUnit,
    anchor: fc.constantFrom('1970-01-01', '2026-01-31', '2024-02-29', '2026-03-05'),
    timeZone: fc.constantFrom(...ZONES),
    aggregates,
  })
  .map(({ counted, ...rest }) => () => ({ type: 'calendar', ...counted, ...rest }));

export const KINDS = { tumbling, hopping, cumulative, sliding, session, calendar };

export interface Choices {
  windows: Arbitrary<Scaled<WindowDefinition>>;
  /** Of the definitions drawn, which there are at first and later. */
  redefine: boolean;
  type: Arbitrary<'bounded' | 'punctuated'>;
  sources: boolean;
  future: boolean;
  restarts: boolean;
  /** Moves before the end. */
  moves: number;
}

export const ANY: Choices = {
  windows: fc.oneof(...Object.values(KINDS)),
  redefine: false,
  type: fc.constantFrom('bounded', 'bounded', 'bounded', 'punctuated'),
  sources: true,
  future: true,
  restarts: false,
  moves: 50,
};

const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -9, max: 9 }) },
  { weight: 2, arbitrary: fc.integer({ min: -50, max: 50 }).map((tenths) => tenths / 10) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1e15, -1e15, 123456.789, 1e-7) },
);

const json: Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...['a', 'b', 'c', '', '1', 'null', true, false, 0, -0, 1, 1.5]),
  fc.constantFrom<Json>([], [1], ['a', null], {}, { p: 1, q: 2 }, { q: 2, p: 1 }),
);

interface RawEvent {
  forward: number;
  deviation: Length;
  key: number;
  source: number;
  wait: number;
  x: number | null;
  y: Json;
}

const rawEvent = (future: boolean): Arbitrary<RawEvent> =>
  fc.record({
    forward: fc.integer({ min: 0, max: 2 }),
    deviation: fc.tuple(
      fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: -6, max: 3 }) },
        { weight: 2, arbitrary: fc.integer({ min: -25, max: 3 }) },
        { weight: future ? 1 : 0, arbitrary: fc.integer({ min: 10, max: 40 }) },
      ),
      fc.constantFrom(0, 0, 0, -1, 1),
    ),
    key: fc.constantFrom(0, 0, 1, 2),
    source: fc.constantFrom(0, 0, 1, 2),
    wait: fc.integer({ min: 0, max: 2 }),
    x: fc.option(number, { nil: null }),
    y: fc.option(json, { nil: null }),
  });

type RawMove =
  | { event: RawEvent }
  | { mark: { deviation: Length; source: number } }
  | { tick: number }
  | { end: number | 'all' }
  | { windows: number }
  | { restart: true };

const rawMove = (choices: Choices): Arbitrary<RawMove> =>
  fc.oneof(
    { weight: 90, arbitrary: rawEvent(choices.future).map((event) => ({ event })) },
    {
      weight: 18,
      arbitrary: fc.record({ mark: fc.record({ deviation: length(-12, 2), source: fc.nat({ max: 2 }) }) }),
    },
    { weight: 8, arbitrary: fc.record({ tick: fc.integer({ min: 0, max: 8 }) }) },
    {
      weight: choices.sources ? 1 : 0,
      arbitrary: fc.record({ end: fc.constantFrom<number | 'all'>(0, 1, 2, 'all') }),
    },
    { weight: choices.redefine ? 6 : 0, arbitrary: fc.record({ windows: fc.integer({ min: 1, max: 15 }) }) },
    { weight: choices.restarts ? 12 : 0, arbitrary: fc.constant({ restart: true as const }) },
  );

export const KEYS = ['["a"]', '["b"]', '[null]'];
const SOURCES = ['s', 't', null];
const NAMES = ['first', 'second', 'third', 'fourth'];

/** Scenarios end with the end of all sources. */
export function scenarios(some: Partial<Choices> = {}): Arbitrary<Scenario> {
  const choices = { ...ANY, ...some };
  return fc
    .record({
      scale,
      windows: fc.array(choices.windows, { minLength: 1, maxLength: 4 }),
      type: choices.type,
      severalSources: fc.constantFrom(...(choices.sources ? [true, false] : [false])),
      bound: length(0, 6),
      lateness: fc.oneof(
        { weight: 1, arbitrary: fc.constant<Length>([0, 0]) },
        { weight: 3, arbitrary: length(0, 15) },
      ),
      idleAfter: choices.sources ? lengthOrNull(1, 10) : fc.constant(null),
      futureLimit: choices.future ? lengthOrNull(0, 10) : fc.constant(null),
      moves: fc.array(rawMove(choices), { maxLength: choices.moves, size: 'max' }),
    })
    .map(({ scale: by, windows, type, severalSources, moves, ...lengths }) => {
      const definition: StreamDefinition = {
        ...{ key: ['k'], source: severalSources ? 's' : null, id: null, eventTime: 't', sentAt: null },
        watermark: {
          type,
          bound: type === 'bounded' ? ms(by, lengths.bound) : 0,
          idleAfter: lengths.idleAfter === null ? null : ms(by, lengths.idleAfter),
          futureLimit: lengths.futureLimit === null ? null : ms(by, lengths.futureLimit),
        },
        ...{ dedupeFor: 0, lateness: ms(by, lengths.lateness), alarm: null },
        windows: Object.fromEntries(windows.map((window, i) => [NAMES[i]!, window(by)])),
        retention: { events: null, windows: null },
      };
      return { definition, moves: new Telling(definition, by).moves(moves) };
    });
}

/** Puts raw moves on the axis of time. */
class Telling {
  private received: number;
  private progress: number;
  private current: StreamDefinition;

  constructor(
    private readonly whole: StreamDefinition,
    private readonly by: Scale,
  ) {
    this.received = this.progress = by.base;
    this.current = whole;
  }

  moves(raw: readonly RawMove[]): Move[] {
    return [...raw.flatMap((one) => this.move(one)), this.end('all')];
  }

  private move(raw: RawMove): Move[] {
    const { type } = this.whole.watermark;
    if ('event' in raw) return [this.event(raw.event)];
    if ('end' in raw) return [this.end(raw.end)];
    if ('restart' in raw) return [raw];
    if ('tick' in raw) {
      this.received += raw.tick * this.by.unit;
      return [{ tick: this.received }];
    }
    if ('windows' in raw) return [this.redefine(raw.windows)];
    if (type === 'bounded') return [];
    const time = this.progress + ms(this.by, raw.mark.deviation);
    return [{ mark: { source: this.source(raw.mark.source), time, received: this.received } }];
  }

  private event({ forward, deviation, wait, key, source, x, y }: RawEvent): Move {
    this.progress += forward * this.by.unit;
    this.received += wait * this.by.unit;
    const values: Record<string, Json> = { x, y };
    return {
      event: {
        time: this.progress + ms(this.by, deviation),
        received: this.received,
        source: this.source(source),
        key: KEYS[key]!,
        values: fieldsOf(this.current).map((field) => values[field] ?? null),
      },
    };
  }

  private end(source: number | 'all'): Move {
    const of = source === 'all' ? undefined : this.source(source);
    return { mark: { source: of, time: Infinity, received: this.received } };
  }

  private redefine(mask: number): Move {
    const all = Object.entries(this.whole.windows);
    const some = all.filter((_, i) => (mask >> i) % 2 === 1);
    this.current = { ...this.whole, windows: Object.fromEntries(some.length > 0 ? some : all) };
    return { redefine: this.current };
  }

  private source(index: number): string | null {
    return this.whole.source === null ? null : SOURCES[index]!;
  }
}
