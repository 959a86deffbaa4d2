import fc from 'fast-check';
import { AGGREGATE_OPS } from '../src/windows/definition/aggregates.js';
import { MAX_DURATION, MAX_OVERLAP } from '../src/windows/definition/bounds.js';
import type {
  AggregateDefinition,
  StreamDefinition,
  WatermarkDefinition,
  WindowDefinition,
} from '../src/windows/engine/definition.js';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,8}$/);
const field = fc.oneof(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.constantFrom('constructor', 'a b', '/a/b', '/~0/~1', '/0', 'ż'),
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary);
const ms = (least: number, most = MAX_DURATION): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: least, max: Math.min(least + 100_000, most) }),
    fc.integer({ min: least, max: most }),
  );

const aggregate: fc.Arbitrary<AggregateDefinition> = fc
  .record({
    op: fc.constantFrom(...AGGREGATE_OPS),
    field,
    all: fc.boolean(),
    q: fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }),
  })
  .map(({ op, field, all, q }) => ({
    op,
    field: op === 'count' && all ? null : field,
    q: op === 'quantile' ? q : null,
  }));
const aggregates = fc.dictionary(name, aggregate, { maxKeys: 4 });

const below = (period: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: period - 1 });

const window: fc.Arbitrary<WindowDefinition> = fc.oneof(
  ms(1).chain((size) =>
    fc.record({
      type: fc.constant('tumbling' as const),
      size: fc.constant(size),
      offset: below(size),
      aggregates,
    }),
  ),
  fc.tuple(ms(1), ms(1)).chain(([size, least]) => {
    const every = Math.max(least, Math.ceil(size / MAX_OVERLAP));
    return fc.record({
      type: fc.constant('hopping' as const),
      size: fc.constant(size),
      every: fc.constant(every),
      offset: below(every),
      aggregates,
    });
  }),
  fc.tuple(ms(1, MAX_DURATION / 1000), fc.integer({ min: 1, max: 1000 })).chain(([step, steps]) =>
    fc.record({
      type: fc.constant('cumulative' as const),
      size: fc.constant(step * steps),
      step: fc.constant(step),
      offset: below(step * steps),
      aggregates,
    }),
  ),
  fc.record({ type: fc.constant('sliding' as const), size: ms(0), aggregates }),
  fc.record({
    type: fc.constant('session' as const),
    gap: ms(1, MAX_DURATION / 2),
    touching: fc.constantFrom('separate' as const, 'merge' as const),
    maxSize: orNull(ms(MAX_DURATION / 2 + 1)),
    aggregates,
  }),
  fc.record({
    type: fc.constant('calendar' as const),
    unit: fc.constantFrom(
      'hour' as const,
      'day' as const,
      'week' as const,
      'month' as const,
      'year' as const,
    ),
    count: fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 24),
    anchor: fc.constantFrom('1970-01-01', '2024-02-29', '0000-01-01', '9999-12-31'),
    timeZone: fc.constantFrom('UTC', 'Europe/Warsaw', 'America/Los_Angeles', 'Asia/Kathmandu'),
    aggregates,
  }),
);

const watermark: fc.Arbitrary<WatermarkDefinition> = fc
  .record({
    type: fc.constantFrom('bounded' as const, 'punctuated' as const),
    bound: ms(0),
    idleAfter: orNull(ms(1)),
    futureLimit: orNull(ms(0)),
  })
  .map((one) => ({ ...one, bound: one.type === 'bounded' ? one.bound : 0 }));

/** Any definition that `readDefinition` can answer with. */
export const streamDefinitions: fc.Arbitrary<StreamDefinition> = fc.record({
  key: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 4 }),
  source: orNull(field),
  id: orNull(field),
  eventTime: field,
  sentAt: orNull(field),
  watermark,
  dedupeFor: ms(1),
  lateness: ms(0),
  alarm: orNull(
    fc.record({
      lateRatio: fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }),
      over: ms(1),
      minEvents: fc.integer({ min: 1 }),
    }),
  ),
  windows: fc.dictionary(name, window, { maxKeys: 6 }),
  retention: fc.record({ events: orNull(ms(1)), windows: orNull(ms(1)) }),
});
