/** Windows: the engine alone; events over HTTP, on disk before the answer; a million keys, and a start with their windows open. */
import { join } from 'node:path';
import { spread, type WindowsResults } from '../measured.js';
import { Generator, startOriel, temporaryFolder, type Server } from '../servers.js';
import { residentMiB, untilReady } from '../start.js';
import type { EngineJob, EngineRun } from './engine.load.js';
import type { EventsJob, EventsRun } from './events.load.js';

type Tell = (line: string) => void;

const ENGINE_EVENTS = 2_000_000;
const INGESTED = 500_000;
const MANY_KEYS = 1_000_000;

const ENGINE: readonly (EngineJob & { name: string })[] = [
  { name: 'the bare loop: a look-up and four updates', every: null, perMs: 1000, events: ENGINE_EVENTS },
  { name: 'every 1 s, 10 events an ms: a result an event', every: 1000, perMs: 10, events: ENGINE_EVENTS },
  { name: 'every 1 s, 1,000 events an ms', every: 1000, perMs: 1000, events: ENGINE_EVENTS },
  { name: 'every 60 s, 1,000 events an ms', every: 60_000, perMs: 1000, events: ENGINE_EVENTS },
];

const MINUTE = {
  type: 'tumbling',
  size: '1m',
  aggregates: {
    n: { op: 'count' },
    mean: { op: 'mean', field: 'speed' },
    max: { op: 'max', field: 'speed' },
  },
};

export async function measureWindows(rounds: number, tell: Tell): Promise<WindowsResults> {
  tell('windows');
  return {
    rounds,
    engineEvents: ENGINE_EVENTS,
    engine: await measureEngine(rounds, tell),
    ingested: INGESTED,
    ingestion: await measureIngestion(rounds, tell),
    keys: await measureKeys(tell),
  };
}

async function measureEngine(rounds: number, tell: Tell): Promise<WindowsResults['engine']> {
  const runs: EngineRun[][] = ENGINE.map(() => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [index, { name, ...job }] of ENGINE.entries()) {
      const generator = new Generator<EngineJob, EngineRun>(join('windows', 'engine.load.ts'));
      await generator.run({ ...job, events: 200_000 }); // warms up
      const run = await generator.run(job);
      generator.stop();
      runs[index]?.push(run);
      tell(`  ${name}: ${Math.round(run.eventsPerSecond)} events/s`);
    }
  }
  return ENGINE.map(({ name }, index) => ({
    name,
    eventsPerSecond: spread((runs[index] ?? []).map((run) => run.eventsPerSecond)),
    results: runs[index]?.[0]?.results ?? 0,
  }));
}

async function measureIngestion(rounds: number, tell: Tell): Promise<WindowsResults['ingestion']> {
  const forms = [
    { name: 'without ids', ids: false },
    { name: 'with ids, duplicates refused', ids: true },
  ];
  const speeds: number[][] = forms.map(() => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [index, { name, ids }] of forms.entries()) {
      const server = await startOriel('strict');
      await put(server, 'cars', ids);
      const speed = await ingest(server, { ids, keys: 1000, events: INGESTED });
      await server.stop();
      speeds[index]?.push(speed);
      tell(`  events over HTTP, ${name}: ${Math.round(speed)} events/s`);
    }
  }
  return forms.map(({ name }, index) => ({ name, eventsPerSecond: spread(speeds[index] ?? []) }));
}

async function measureKeys(tell: Tell): Promise<WindowsResults['keys']> {
  const data = temporaryFolder();
  const server = await startOriel('strict', { data });
  await put(server, 'cars', false);
  const before = residentMiB(server.pid);
  await ingest(server, { ids: false, keys: MANY_KEYS, events: MANY_KEYS });
  const resident = residentMiB(server.pid);
  tell(`  ${MANY_KEYS} keys: ${Math.round(resident)} MiB`);
  await server.stop();
  const begin = performance.now();
  const again = await startOriel('strict', { data });
  await untilReady(again);
  const restart = (performance.now() - begin) / 1000;
  const clock = (await (await fetch(`${again.address}/v1/streams/cars/clock`)).json()) as {
    windows: { minute: { open: number } };
  };
  await again.stop();
  const { open } = clock.windows.minute;
  tell(`  restart with ${open} open windows: ${restart.toFixed(1)} s`);
  return { keys: MANY_KEYS, residentMiB: resident, idleMiB: before, openWindows: open, restart };
}

async function put({ address }: Server, name: string, ids: boolean): Promise<void> {
  const definition = {
    key: ['car'],
    eventTime: 'time',
    ...(ids ? { id: 'id' } : {}),
    windows: { minute: MINUTE },
  };
  const response = await fetch(`${address}/v1/streams/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(definition),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}

async function ingest({ address }: Server, job: Pick<EventsJob, 'ids' | 'keys' | 'events'>): Promise<number> {
  const generator = new Generator<EventsJob, EventsRun>(join('windows', 'events.load.ts'));
  // All within one minute of event time where each event has its own key, so that all their windows stay open.
  const perMs = Math.max(10, Math.ceil(job.events / 30_000));
  const all = { ...job, address, stream: 'cars', connections: 4, batch: 1000, perMs };
  const { eventsPerSecond, accepted } = await generator.run(all);
  generator.stop();
  if (accepted !== job.events) throw new Error(`${job.events - accepted} events were not accepted`);
  return eventsPerSecond;
}
