/** The window engine alone: no HTTP, no disk. Events are made beforehand, so that only the engine is timed. */
import type { StreamDefinition, WindowDefinition } from '../../src/windows/engine/definition.js';
import { Engine } from '../../src/windows/engine/engine.js';
import { DEFAULT_LIMITS, type EngineEvent, type Sink } from '../../src/windows/engine/messages.js';

export interface EngineRun {
  what: string;
  events: number;
  results: number;
  eventsPerSecond: number;
}

const KEYS = 10_000;
const AGGREGATES = {
  n: { op: 'count', field: null, q: null },
  sum: { op: 'sum', field: 'v', q: null },
  min: { op: 'min', field: 'v', q: null },
  max: { op: 'max', field: 'v', q: null },
} as const;

function stream(window: WindowDefinition): StreamDefinition {
  return {
    key: ['k'],
    source: null,
    id: null,
    eventTime: 't',
    sentAt: null,
    watermark: { type: 'bounded', bound: 0, idleAfter: null, futureLimit: null },
    dedupeFor: 0,
    lateness: 0,
    alarm: null,
    windows: { w: window },
    retention: { events: null, windows: null },
  };
}

/** Events of keys in a fixed pseudo-random order. */
function events(count: number, perMs: number): EngineEvent[] {
  const keys = Array.from({ length: KEYS }, (_, key) => JSON.stringify([`key-${key}`]));
  let state = 12345;
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return {
      time: 1_700_000_000_000 + Math.floor(index / perMs),
      received: 0,
      source: null,
      key: keys[state % KEYS] as string,
      values: [(state >>> 8) % 1000],
    };
  });
}

/** Feeds `count` events and counts what comes out. */
export function measureEngine(what: string, every: number, perMs: number, count: number): EngineRun {
  const engine = new Engine(
    stream({ type: 'hopping', size: 60_000, every, offset: 0, aggregates: AGGREGATES }),
    DEFAULT_LIMITS,
  );
  const all = events(count, perMs);
  let results = 0;
  const sink: Sink = { result: () => results++, withdrawal: () => undefined, alarm: () => undefined };
  const begin = process.hrtime.bigint();
  for (const event of all) engine.apply(event, sink);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  return { what, events: count, results, eventsPerSecond: Math.round(count / seconds) };
}

if (process.argv[1]?.endsWith('engine.ts')) {
  const count = Number(process.argv[2] ?? 2_000_000);
  for (let round = 0; round < 2; round++) {
    console.log(measureEngine('hopping 60 s every 1 s, 10 events an ms', 1000, 10, count));
    console.log(measureEngine('hopping 60 s every 1 s, 1,000 events an ms', 1000, 1000, count));
    console.log(measureEngine('hopping 60 s every 60 s, 1,000 events an ms', 60_000, 1000, count));
  }
}
