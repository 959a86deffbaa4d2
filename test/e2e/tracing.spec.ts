import { ask, type Reply } from '../client.js';
import { Collector, type CollectedSpan } from '../collector.js';
import { HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

const traced = (server: Server, flags: string, trace = TRACE): Promise<Reply> =>
  ask(server, PREDICT, { body: HOUSE, headers: { traceparent: `00-${trace}-${PARENT}-${flags}` } });

const recordOf = async (server: Server, reply: Reply): Promise<{ traceId: string | null }> =>
  (await ask(server, `/v1/audit/requests/${reply.headers['x-request-id'] as string}`)).json as {
    traceId: string | null;
  };

function start(endpoint: string, ratio: string, more: Record<string, string> = {}): Promise<Server> {
  return Server.start({
    ORIEL_DATA: temporaryFolder(),
    ORIEL_TRACE_RATIO: ratio,
    ...endpointOf(endpoint),
    ...more,
  });
}

const endpointOf = (url: string): Record<string, string> => ({ ORIEL_OTLP_ENDPOINT: url });

describe('a request whose caller traces it', () => {
  const collector = new Collector();
  let server: Server;
  beforeAll(async () => {
    server = await start(await collector.open(), '0');
  });
  afterAll(() => collector.close());

  test('is a span below that of its caller, and has below it the wait, the run and the commit, one after the other', async () => {
    const reply = await traced(server, '01');
    expect(reply.status).toBe(200);
    const spans = await eventually('four spans are there', () =>
      collector.spans.length >= 4 ? collector.spans : undefined,
    );
    expect(spans.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE, TRACE, TRACE]);
    const find = (name: string): CollectedSpan => spans.find((span) => span.name === name)!;
    const root = find('POST /v1/models/:model/predict');
    expect(root.parentSpanId).toBe(PARENT);
    const parts = ['queue wait', 'inference run', 'journal commit'].map(find);
    let from = BigInt(root.startTimeUnixNano);
    for (const part of parts) {
      expect(part.parentSpanId).toBe(root.spanId);
      expect(BigInt(part.startTimeUnixNano)).toBeGreaterThanOrEqual(from);
      expect(BigInt(part.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(part.startTimeUnixNano));
      from = BigInt(part.startTimeUnixNano);
    }
    expect(BigInt(root.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(parts[2]!.endTimeUnixNano));
    const said = Object.fromEntries(root.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
    expect(said).toMatchObject({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'oriel.model': 'boston-housing',
      'oriel.request_id': reply.headers['x-request-id'],
    });
    expect(await recordOf(server, reply)).toMatchObject({ traceId: TRACE });
  });

  test('is told by its own clock, to the second', () => {
    const root = collector.spans.find(({ name }) => name.startsWith('POST'))!;
    expect(Math.abs(Number(BigInt(root.endTimeUnixNano) / 1_000_000n) - Date.now())).toBeLessThan(60_000);
  });

  test('is not told where its caller does not trace it, and neither are probes or others', async () => {
    const before = collector.spans.length;
    await traced(server, '00', '1af7651916cd43dd8448eb211c80319c');
    await ask(server, PREDICT, { body: HOUSE });
    await ask(server, '/health/live', { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } });
    await traced(server, '01', '2af7651916cd43dd8448eb211c80319c');
    const more = await eventually('the traced one is there', () =>
      collector.spans.length > before ? collector.spans.slice(before) : undefined,
    );
    expect(new Set(more.map(({ traceId }) => traceId))).toEqual(
      new Set(['2af7651916cd43dd8448eb211c80319c']),
    );
  });
});

test('a request that nobody traces begins a trace of its own, which its record names', async () => {
  const collector = new Collector();
  const server = await Server.start({
    ORIEL_DATA: temporaryFolder(),
    OTEL_EXPORTER_OTLP_ENDPOINT: await collector.open(),
    ORIEL_TRACE_RATIO: '1',
  });
  const reply = await ask(server, PREDICT, { body: HOUSE });
  const { traceId } = await recordOf(server, reply);
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  await server.stop(); // which sends what waits
  expect(collector.spans.filter((span) => span.traceId === traceId)).toHaveLength(4);
  await collector.close();
});

describe('a body of many rows', () => {
  const collector = new Collector();
  let server: Server;
  beforeAll(async () => {
    server = await start(await collector.open(), '1', { ORIEL_BATCH_ROWS: '4' });
  });
  afterAll(() => collector.close());

  test.each([
    ['application/x-ndjson', `${JSON.stringify(HOUSE)}\n`, ''],
    ['text/csv', `${Object.values(HOUSE).join(',')}\n`, `${Object.keys(HOUSE).join(',')}\n`],
  ])('in %s has a wait and a run for each of its batches, up to a bound', async (type, line, head) => {
    const tell = async (count: number): Promise<[CollectedSpan, CollectedSpan[]]> => {
      const body = head + line.repeat(count);
      const reply = await ask(server, PREDICT, { body, headers: { 'content-type': type } });
      expect(reply.status).toBe(200);
      const { traceId } = await recordOf(server, reply);
      const spans = await eventually('its spans are there', () => {
        const own = collector.spans.filter((span) => span.traceId === traceId);
        return own.some(({ name }) => name === 'POST /v1/models/:model/predict') ? own : undefined;
      });
      const root = spans.find(({ name }) => name.startsWith('POST'))!;
      return [root, spans.filter(({ parentSpanId }) => parentSpanId === root.spanId)];
    };
    const [few, parts] = await tell(10);
    expect(parts.map(({ name }) => name).sort()).toEqual([
      ...Array<string>(3).fill('inference run'),
      'journal commit',
      ...Array<string>(3).fill('queue wait'),
    ]);
    for (const { startTimeUnixNano, endTimeUnixNano } of parts) {
      expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(few.startTimeUnixNano));
      expect(BigInt(endTimeUnixNano)).toBeLessThanOrEqual(BigInt(few.endTimeUnixNano));
    }
    expect(few.attributes).toContainEqual({ key: 'oriel.runs', value: { intValue: 3 } });
    const [many, more] = await tell(400);
    expect(more).toHaveLength(2 * 32 + 1);
    expect(many.attributes).toContainEqual({ key: 'oriel.runs', value: { intValue: 100 } });
  });
});

test('a collector that never answers, or is gone, changes nothing for requests; spans beyond the bound are dropped and counted', async () => {
  const collector = new Collector();
  collector.silent = true;
  const server = await start(await collector.open(), '1', { ORIEL_TRACE_QUEUE: '10' });
  for (let n = 0; n < 10; n++) expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  const { text } = await ask(server, '/metrics');
  expect(Number(/oriel_trace_spans_total\{result="dropped"\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(20);
  expect(text).toMatch(/oriel_limit_hits_total\{setting="ORIEL_TRACE_QUEUE"\} [1-9]/);
  await collector.close();
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  await server.stop();
});
