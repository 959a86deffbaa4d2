import fc from 'fast-check';
import type { AggregateDefinition, StreamDefinition } from './definition.js';
import { Engine } from './engine.js';
import { DEFAULT_LIMITS, type EngineEvent, type Sink } from './messages.js';

const AGGREGATES: Record<string, AggregateDefinition> = {
  sum: { op: 'sum', field: 'v', q: null },
  last: { op: 'last', field: 'v', q: null },
  median: { op: 'quantile', field: 'v', q: 0.5 },
};

const DEFINITION: StreamDefinition = {
  key: ['k'],
  source: null,
  id: null,
  eventTime: 't',
  sentAt: null,
  watermark: { type: 'bounded', bound: 3, idleAfter: null, futureLimit: null },
  dedupeFor: 1,
  lateness: 4,
  alarm: null,
  windows: {
    hop: { type: 'hopping', size: 12, every: 2, offset: 0, aggregates: AGGREGATES },
    sit: { type: 'session', gap: 3, touching: 'merge', maxSize: 20, aggregates: AGGREGATES },
    slide: { type: 'sliding', size: 4, aggregates: AGGREGATES },
  },
  retention: { events: null, windows: null },
};

function events(moves: readonly (readonly [key: number, step: number, value: number])[]): EngineEvent[] {
  let time = 0;
  return moves.map(([key, step, value]) => {
    time += step;
    return { time, received: 0, source: null, key: `["${key}"]`, values: [value] };
  });
}

function listener(into: string[]): Sink {
  return {
    result: (result) => into.push(JSON.stringify(result)),
    withdrawal: (withdrawal) => into.push(JSON.stringify(withdrawal)),
    alarm: (change) => into.push(JSON.stringify(change)),
  };
}

const MOVES = fc.array(
  fc.tuple(fc.nat(6), fc.integer({ min: -6, max: 8 }), fc.integer({ min: -9, max: 9 })),
  {
    minLength: 10,
    maxLength: 60,
  },
);

describe('a snapshot', () => {
  it('is of the moment it was begun at, however the engine goes on while it is taken', () => {
    fc.assert(
      fc.property(MOVES, fc.nat(59), (moves, from) => {
        const told = events(moves);
        const begun = Math.min(from, told.length);
        const [whole, rest]: [string[], string[]] = [[], []];
        const engine = new Engine(DEFINITION, DEFAULT_LIMITS);
        for (const event of told.slice(0, begun)) engine.apply(event, listener([]));
        const snapshot = engine.snapshot();
        const parts: string[] = [];
        for (const event of told.slice(begun)) engine.apply(event, listener(whole));
        parts.push(...snapshot);
        expect(snapshot.isWhole).toBe(true);
        const restored = Engine.restore(DEFINITION, DEFAULT_LIMITS, parts);
        for (const event of told.slice(begun)) restored.apply(event, listener(rest));
        expect(rest).toEqual(whole);
        expect(restored.counters).toEqual(engine.counters);
      }),
    );
  });

  it('ends without being whole where another is begun, or the windows become others', () => {
    const engine = new Engine(DEFINITION, DEFAULT_LIMITS);
    for (const event of events([[1, 1, 1]])) engine.apply(event, listener([]));
    const first = engine.snapshot();
    const second = engine.snapshot();
    expect([[...first], first.isWhole]).toEqual([[], false]);
    engine.redefine({ ...DEFINITION, windows: {} });
    expect([[...second], second.isWhole]).toEqual([[], false]);
  });
});
