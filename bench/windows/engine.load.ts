/** The window engine alone, in a process of its own: no HTTP, no disk. Events are made beforehand, so that only the engine is timed. */
import type { StreamDefinition, WindowDefinition } from '../../src/windows/engine/definition.js';
import { Engine } from '../../src/windows/engine/engine.js';
import { DEFAULT_LIMITS, type EngineEvent, type Sink } from '../../src/windows/engine/messages.js';

export interface EngineJob {
  /** Milliseconds between the windows of 60 s; null: no engine, only the loop that updates four numbers of a key. */
  every: number | null;
  /** Events in a millisecond of event time. */
  perMs: number;
  events: number;
}

export interface EngineRun {
  eventsPerSecond: number;
  results: number;
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

function measureEngine({ every, perMs, events: count }: EngineJob & { every: number }): EngineRun {
  const engine = new Engine(
    stream({ type: 'hopping', size: 60_000, every, offset: 0, aggregates: AGGREGATES }),
    DEFAULT_LIMITS,
  );
  const all = events(count, perMs);
  let results = 0;
  const sink: Sink = { result: () => results++, withdrawal: () => undefined, alarm: () => undefined };
  const begin = performance.now();
  for (const event of all) engine.apply(event, sink);
  return { eventsPerSecond: (count / (performance.now() - begin)) * 1000, results };
}

/** What the machine can do at best: look a key up, and update four numbers. */
function measureLoop({ perMs, events: count }: EngineJob): EngineRun {
  const all = events(count, perMs);
  const numbers = new Map<string, number[]>();
  const begin = performance.now();
  for (const { key, values } of all) {
    const value = values[0] as number;
    const four = numbers.get(key);
    if (!four) numbers.set(key, [1, value, value, value]);
    else {
      four[0] = (four[0] as number) + 1;
      four[1] = (four[1] as number) + value;
      if (value < (four[2] as number)) four[2] = value;
      if (value > (four[3] as number)) four[3] = value;
    }
  }
  return { eventsPerSecond: (count / (performance.now() - begin)) * 1000, results: numbers.size };
}

process.on('message', (job: EngineJob) => {
  const { every } = job;
  process.send?.(every === null ? measureLoop(job) : measureEngine({ ...job, every }));
});
