/** What mixed traffic consists of: what the founding case asks, and the mistakes that its clients make. */
import { HOUSE, PREDICT } from '../../test/houses.js';

export interface Asked {
  method: string;
  path: string;
  type?: string;
  body?: string;
  /** The status that is right. */
  expect: number;
}

export interface Kind {
  name: string;
  /** How many of all weights together. */
  weight: number;
  make: (number: number, now: number) => Asked;
  /** Whether its latency counts: predictions do. */
  timed?: boolean;
  events?: number;
  /** It is asked with the `ETag` of its last answer, and is then right with 304. */
  conditional?: boolean;
}

export const STREAM = 'phones';
const JSON_TYPE = 'application/json';
const EVENTS = 20;
const PHONES = 500;

export const STREAM_DEFINITION = {
  key: ['phone'],
  source: 'phone',
  id: 'id',
  eventTime: 'time',
  watermark: { type: 'bounded', bound: '5s', idleAfter: '30s' },
  lateness: '30s',
  windows: {
    tenSeconds: {
      type: 'tumbling',
      size: '10s',
      aggregates: {
        n: { op: 'count' },
        mean: { op: 'mean', field: 'value' },
        p99: { op: 'quantile', field: 'value', q: 0.99 },
      },
    },
    visit: { type: 'session', gap: '10s', maxSize: '5m', aggregates: { n: { op: 'count' } } },
  },
  retention: { events: '5m', windows: '10m' },
};

const question = JSON.stringify(HOUSE);
const HOUSE_PATH = `${PREDICT}?${Object.entries(HOUSE)
  .map(([name, value]) => `${name}=${value}`)
  .join('&')}`;
const post = (path: string, body: string, expect = 200): Asked => ({
  method: 'POST',
  path,
  type: JSON_TYPE,
  body,
  expect,
});
const ask = (path: string, expect = 200): Asked => ({ method: 'GET', path, expect });

/** One in fifty is half a minute late: a phone that was in a tunnel. */
function events(number: number, now: number): Asked {
  const all = Array.from({ length: EVENTS }, (_, index) => ({
    id: `${number}-${index}`,
    phone: `p${(number * 7 + index * 31) % PHONES}`,
    time: now - ((index * 37) % 3000) - (index === 0 && number % 2 === 0 ? 30_000 : 0),
    value: (number * 13 + index * 17) % 100,
  }));
  return { method: 'POST', path: `/v1/streams/${STREAM}/events`, type: 'application/x-ndjson', body: all.map((one) => JSON.stringify(one)).join('\n'), expect: 200 }; // prettier-ignore
}

const tensors = JSON.stringify({
  inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }],
});

export const TRAFFIC: readonly Kind[] = [
  { name: 'predict', weight: 300, timed: true, make: () => post(PREDICT, question) },
  {
    name: 'predict rows',
    weight: 10,
    timed: true,
    make: () => post(PREDICT, `[${question},${question},${question}]`),
  },
  { name: 'conditional', weight: 20, conditional: true, make: () => ask(HOUSE_PATH) },
  { name: 'v2', weight: 40, timed: true, make: () => post('/v2/models/same-fp32/infer', tensors) },
  { name: 'reloaded', weight: 30, timed: true, make: (number) => post('/v1/models/triples/predict', JSON.stringify({ f0: number % 10, f1: 0 })) }, // prettier-ignore
  { name: 'bad feature', weight: 4, make: () => post(PREDICT, '{"RM":"many"}', 422) },
  { name: 'bad JSON', weight: 2, make: () => post(PREDICT, '{"RM":', 400) },
  { name: 'no such model', weight: 2, make: () => post('/v1/models/nobody/predict', '{}', 404) },
  { name: 'events', weight: 20, events: EVENTS, make: events },
  { name: 'page', weight: 2, make: () => ask('/v1/audit/requests?model=boston-housing&limit=50') },
  { name: 'stats', weight: 1, make: (_, now) => ask(`/v1/audit/stats?by=model,status&every=1m&from=${now - 60_000}&to=${now}`) }, // prettier-ignore
  {
    name: 'windows',
    weight: 4,
    make: () => ask(`/v1/streams/${STREAM}/windows/tenSeconds?key.phone=p7&limit=20`),
  },
  { name: 'clock', weight: 1, make: () => ask(`/v1/streams/${STREAM}/clock`) },
  { name: 'health', weight: 2, make: () => ask('/health/ready') },
];
