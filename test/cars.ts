/** The stream of the design, and its story: two phones in two cars, one of which goes through a tunnel. */
import { ask, type Reply } from './client.js';
import type { Server } from './server.js';

export const CARS = '/v1/streams/cars';

export const DEFINITION = {
  key: ['car'],
  source: 'device',
  id: 'id',
  eventTime: 'time',
  watermark: { type: 'bounded', bound: '5s', idleAfter: '1m', futureLimit: null },
  lateness: '30s',
  alarm: { lateRatio: 0.05, over: '5m', minEvents: 100 },
  windows: {
    minute: {
      type: 'tumbling',
      size: '1m',
      offset: 0,
      aggregates: { n: { op: 'count' }, avg: { op: 'mean', field: 'speed' } },
    },
    smooth: { type: 'hopping', size: '10m', every: '1m', aggregates: { n: { op: 'count' } } },
    close: { type: 'sliding', size: '10s', aggregates: { n: { op: 'count' } } },
    trip: {
      type: 'session',
      gap: '5m',
      touching: 'separate',
      maxSize: '1d',
      aggregates: { n: { op: 'count' } },
    },
    today: { type: 'cumulative', size: '1d', step: '1h', aggregates: { n: { op: 'count' } } },
    month: {
      type: 'calendar',
      unit: 'month',
      count: 1,
      anchor: '2026-01-01',
      timeZone: 'Europe/Warsaw',
      aggregates: { n: { op: 'count' } },
    },
  },
  retention: { events: '7d', windows: '400d' },
};

export interface Ingested {
  accepted: number;
  duplicates: number;
  late: { events: number; windows: number };
  future: number;
  rejected: { index: number; errors: { pointer: string; detail: string }[] }[];
  watermark: string | null;
}

export interface ShownWindow {
  key: Record<string, unknown>;
  start: string;
  end: string;
  state: string;
  revision: number;
  events: number;
  values: Record<string, unknown>;
  mergedInto?: { start: string; end: string };
  url?: string;
}

export interface Page {
  watermark: string | null;
  items: ShownWindow[];
  nextPageToken?: string;
}

let id = 0;

/** An event of car A, or another, at a time of 31 January 2026, such as `12:00:05`. */
export function at(time: string, speed: number | null = 40, car: unknown = 'A'): Record<string, unknown> {
  return { id: `e${++id}`, car, device: `phone-${String(car)}`, time: `2026-01-31T${time}Z`, speed };
}

export function put(server: Server, path: string, body: unknown): Promise<Reply> {
  return ask(server, path, { method: 'PUT', body });
}

/** Puts the stream of the design, as it is or with other members. */
export async function putCars(server: Server, changes: object = {}, path = CARS): Promise<void> {
  const reply = await put(server, path, { ...DEFINITION, ...changes });
  expect([path, reply.status, reply.text]).toEqual([path, 201, reply.text]);
}

/** Sends events that must be taken. */
export async function send(server: Server, events: unknown, path = CARS): Promise<Ingested> {
  const reply = await ask(server, `${path}/events`, { body: events });
  expect([path, reply.status, reply.text]).toEqual([path, 200, reply.text]);
  return reply.json as Ingested;
}

export async function windows(server: Server, query = '', path = CARS, window = 'minute'): Promise<Page> {
  const reply = await ask(server, `${path}/windows/${window}${query}`);
  expect([query, reply.status, reply.text]).toEqual([query, 200, reply.text]);
  return reply.json as Page;
}

/** A window in short: `A 12:00–12:01 closed r1 n2 avg45`. */
export function short({ key, start, end, state, revision, values }: ShownWindow): string {
  const clock = (time: string): string => time.slice(11, 16);
  const said = Object.entries(values).map(([name, value]) => `${name}${JSON.stringify(value)}`);
  return `${String(key.car)} ${clock(start)}–${clock(end)} ${state} r${revision} ${said.join(' ')}`;
}
