import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS_SCHEMA } from '../../src/config/schema.js';
import { ask, type Reply } from '../client.js';
import { HOUSE, house, PREDICT, queryOf } from '../houses.js';
import { selectorsOf, type Selector } from '../promql.js';
import { eventually, PROJECT, Server, temporaryFolder } from '../server.js';

let server: Server;
let text: string;
let first: string;

/** By the name of a metric, the labels that any of its samples has. */
function samplesOf(exposition: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of exposition.matchAll(/^([a-zA-Z_:][\w:]*)(\{.*\})? \S+$/gm)) {
    const known = found.get(name) ?? new Set<string>();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

const valueOf = (exposition: string, sample: string): number | undefined => {
  const line = exposition.split('\n').find((one) => one.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
};

const scrape = async (accept?: string): Promise<Reply> =>
  ask(server, '/metrics', accept === undefined ? {} : { headers: { accept } });

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_CACHE: '1MiB' });
  first = (await scrape()).text;
  for (let n = 0; n < 3; n++) await ask(server, PREDICT, { body: HOUSE });
  const got = await ask(server, `${PREDICT}?${queryOf(house(1))}`);
  const headers = { 'if-none-match': got.headers.etag! };
  await ask(server, `${PREDICT}?${queryOf(house(1))}`, { headers });
  for (const path of ['/v1/nothing', '/v1/nowhere', '/a/b/c']) await ask(server, path);
  await ask(server, PREDICT, { body: { RM: 'x' } });
  await ask(server, '/v1/audit/verify');
  await eventually('the streams were looked at', async () =>
    /accepted_events_total\{stream="predictions"\} [1-9]/.test((await scrape()).text) ? true : undefined,
  );
  text = (await scrape()).text;
});

test('nothing is told that is no number, or that nobody has looked at, not even to who asks first', () => {
  const values = [...first.matchAll(/^(nodejs_[\w:]+)(?:\{.*\})? (\S+)$/gm)];
  expect(values.length).toBeGreaterThan(10);
  for (const [, name, value] of values) expect([name, Number.isFinite(Number(value))]).toEqual([name, true]);
  expect(first).not.toContain('9223372036');
});

test('requests are told by route, method and class of status; whatever no route is for is one', () => {
  const predictions = 'route="/v1/models/:model/predict",method="POST"';
  expect(valueOf(text, `oriel_http_requests_total{${predictions},status="2xx"}`)).toBe(3);
  expect(valueOf(text, `oriel_http_requests_total{${predictions},status="4xx"}`)).toBe(1);
  expect(
    valueOf(text, `oriel_http_request_duration_seconds_bucket{le="+Inf",${predictions},status="2xx"}`),
  ).toBe(3);
  expect(valueOf(text, 'oriel_http_requests_total{route="unmatched",method="GET",status="4xx"}')).toBe(3);
  expect(valueOf(text, 'oriel_http_not_modified_total{route="/v1/models/:model/predict",method="GET"}')).toBe(
    1,
  );
  expect(valueOf(text, 'oriel_http_problems_total{code="unknown-route"}')).toBe(3);
});

test('models, the cache, the journal and streams are told by what went through them', () => {
  const model = 'model="boston-housing",version="1"';
  expect(valueOf(text, `oriel_inference_rows_total{${model}}`)).toBe(2); // the other questions were the cache's
  expect(valueOf(text, `oriel_inference_batch_rows_bucket{le="1",${model}}`)).toBe(2);
  expect(valueOf(text, 'oriel_cache_uses_total{use="hit"}')).toBe(2);
  expect(valueOf(text, 'oriel_journal_commit_seconds_count')).toBeGreaterThan(5);
  expect(valueOf(text, 'oriel_audit_seq')).toBeGreaterThan(5);
  expect(valueOf(text, 'oriel_audit_chain_valid')).toBe(1);
  expect(valueOf(text, 'oriel_ready')).toBe(1);
});

test('each form is given to whoever asks for it, and no other', async () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
  const open = await scrape(prometheus);
  expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(open.text).toMatch(/# TYPE oriel_http_requests counter\noriel_http_requests_total\{/);
  expect(open.text.endsWith('# EOF\n')).toBe(true);
  const plain = await scrape();
  expect(plain.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(plain.text).toMatch(/# TYPE oriel_http_requests_total counter/);
  expect((await scrape('image/png')).status).toBe(406);
});

test('every bound that a setting gives is told, with its use or how often it was hit', () => {
  /** Told in other ways: a model beyond them is a failed one; deaths are counted by kind; nobody is refused what waits its turn. */
  const elsewhere = ['ORIEL_LOAD_MEMORY', 'ORIEL_MODEL_COLUMNS', 'ORIEL_THREAD_RESTARTS', 'ORIEL_PIPELINED'];
  const bounds = Object.values(SETTINGS_SCHEMA)
    .filter(({ meaning }) => /^(Most|Longest|Largest|Deepest|Fewest)/.test(meaning))
    .map(({ variable }) => variable)
    .filter((variable) => !elsewhere.includes(variable));
  expect(bounds.length).toBeGreaterThan(25);
  const told = bounds.filter((variable) => valueOf(text, `oriel_limit{setting="${variable}"}`) !== undefined);
  expect(told).toEqual(bounds);
  const watched = bounds.filter((variable) =>
    ['oriel_limit_used', 'oriel_limit_hits_total'].some(
      (name) => valueOf(text, `${name}{setting="${variable}"}`) !== undefined,
    ),
  );
  expect(watched).toEqual(bounds);
});

describe('every metric, and every label of it, is there', () => {
  /** Prometheus itself adds them. */
  const OF_THE_SCRAPE = ['instance', 'job'];
  const missing = (selectors: Selector[]): string[] => {
    const samples = samplesOf(text);
    return selectors.flatMap(({ metric, labels }) => {
      if (metric === 'up') return [];
      const known = samples.get(metric);
      if (!known) return [metric];
      return labels
        .filter((label) => !known.has(label) && !OF_THE_SCRAPE.includes(label))
        .map((label) => `${metric}{${label}}`);
    });
  };

  test('that the alert rules ask for', () => {
    const rules = readFileSync(join(PROJECT, 'deploy/prometheus/alerts.yml'), 'utf8');
    const expressions = [...rules.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*))/g)].map(
      ([, many, one]) => many ?? one ?? '',
    );
    expect(expressions).toHaveLength(16);
    expect(missing(expressions.flatMap(selectorsOf))).toEqual([]);
  });

  test('that the dashboard asks for', () => {
    const file = readFileSync(join(PROJECT, 'deploy/grafana/oriel.json'), 'utf8');
    const { panels } = JSON.parse(file) as { panels: { targets?: { expr: string }[] }[] };
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(25);
    expect(missing(expressions.flatMap(selectorsOf))).toEqual([]);
  });

  test('and one that is not is found', () => {
    expect(
      missing(selectorsOf('sum by (route) (rate(oriel_nothing_total{a="b"}[5m])) / oriel_ready{state="x"}')),
    ).toEqual(['oriel_nothing_total', 'oriel_ready{state}', 'oriel_ready{route}']);
  });
});

test('health is told in its own media type to whoever asks for it; the probes tell no details', async () => {
  const accept = { headers: { accept: 'application/health+json' } };
  const all = await ask(server, '/health', accept);
  expect(all.headers['content-type']).toMatch(/^application\/health\+json/);
  expect(all.json).toMatchObject({
    status: 'pass',
    checks: { 'disk:freeBytes': [{ observedUnit: 'bytes', observedValue: expect.any(Number) as number }] },
  });
  const { json } = await ask(server, '/health/ready');
  for (const part of Object.values((json as { details: object }).details))
    expect(Object.keys(part as object)).toEqual(['status']);
  expect((await ask(server, '/health', { headers: { accept: 'image/png' } })).status).toBe(406);
});

test('a disk with less room than it should have only degrades', async () => {
  const small = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_MIN_FREE_DISK: '1000000GiB' });
  const { status, json } = await ask(small, '/health');
  expect(status).toBe(200);
  expect(json).toMatchObject({ status: 'degraded', details: { disk: { status: 'degraded' } } });
});
