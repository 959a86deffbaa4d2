import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, askRaw, connected, recordOf, records, wire, type Reply } from '../client.js';
import { HOUSE, houses, PREDICT, queryOf } from '../houses.js';
import { eventually, MODELS, Server, temporaryFolder } from '../server.js';

const LIST = '/v1/audit/requests';
const JSON_TYPE = { 'content-type': 'application/json' };
const DIGEST = createHash('sha256')
  .update(readFileSync(join(MODELS, 'boston-housing/1/model.onnx')))
  .digest('hex');

const folder = temporaryFolder();
let server: Server;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: folder, ORIEL_BODY_LIMIT: '64KiB' });
});

async function expectOneRecord(reply: Reply): Promise<Record<string, unknown>> {
  const id = reply.headers['x-request-id'];
  const found = (await records(server)).filter((record) => record.id === id);
  expect(found).toHaveLength(1);
  const alone = await recordOf(server, reply);
  delete alone.events; // which only a record alone tells of
  expect(alone).toEqual(found[0]);
  return found[0] as Record<string, unknown>;
}

describe('an answered prediction', () => {
  test('is on record with who asked, what was asked, what was answered and by which model', async () => {
    const before = Date.now();
    const reply = await ask(server, PREDICT, {
      body: HOUSE,
      headers: {
        'user-agent': 'phone/1.0',
        'x-request-id': 'from-the-phone-7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
    const record = await expectOneRecord(reply);
    const { latency, time, completedAt } = record as {
      latency: Record<string, number>;
      time: string;
      completedAt: string;
    };
    expect(record).toMatchObject({
      id: reply.headers['x-request-id'],
      seq: expect.any(Number) as number,
      method: 'POST',
      route: '/v1/models/:model/predict',
      path: PREDICT,
      status: 200,
      outcome: 'ok',
      problem: null,
      source: '127.0.0.1',
      userAgent: 'phone/1.0',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      clientRequestId: 'from-the-phone-7',
      model: 'boston-housing',
      version: '1',
      digest: DIGEST,
      batch: 1,
      input: HOUSE,
      output: { prediction: (reply.json as { prediction: number[] }).prediction },
    });
    expect(record.truncated).toBeUndefined();
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(time)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(completedAt)).toBeLessThanOrEqual(Date.now() + 1);
    expect(latency.queue).toBeGreaterThanOrEqual(0);
    expect(latency.run).toBeGreaterThan(0);
    expect(latency.total).toBeGreaterThanOrEqual(latency.queue! + latency.run!);
  });

  test('tells of its event in the stream of predictions, when it is read alone', async () => {
    const [first, second] = [
      await ask(server, PREDICT, { body: HOUSE }),
      await ask(server, PREDICT, { body: HOUSE }),
    ];
    const [one, other] = [await recordOf(server, first), await recordOf(server, second)];
    expect(one.events).toEqual([
      { stream: 'predictions', seq: expect.any(Number) as number, time: one.time },
    ]);
    const [{ seq }] = one.events as [{ seq: number }];
    expect(other.events).toMatchObject([{ seq: seq + 1 }]);
    expect(await recordOf(server, await ask(server, '/v1/models'))).not.toHaveProperty('events');
    const { text } = await ask(server, `/v1/audit/export?from=${String(one.seq)}`);
    const line = text.split('\n').find((one) => one.includes(String(first.headers['x-request-id'])));
    expect(JSON.parse(line as string)).toEqual({ ...one, events: undefined });
  });

  test('of many rows is on record with all of them', async () => {
    const rows = houses(5);
    const reply = await ask(server, PREDICT, { body: rows });
    expect(await expectOneRecord(reply)).toMatchObject({
      batch: 5,
      input: rows,
      output: { predictions: (reply.json as { predictions: unknown }).predictions },
    });
  });

  test('from the query is on record as the row that it was', async () => {
    const reply = await ask(server, `${PREDICT}?${queryOf(HOUSE)}`);
    expect(await expectOneRecord(reply)).toMatchObject({ method: 'GET', path: PREDICT, input: HOUSE });
  });

  test.each([
    ['/versions/1/predict', '1', '/v1/models/:model/versions/:version/predict'],
    ['/labels/canary/predict', '2', '/v1/models/:model/labels/:label/predict'],
  ])('by %s is on record with the version that answered', async (path, version, route) => {
    const reply = await ask(server, `/v1/models/boston-housing${path}`, { body: HOUSE });
    expect(await expectOneRecord(reply)).toMatchObject({ version, route, model: 'boston-housing' });
  });

  test('with a trace parent that is none has no trace id', async () => {
    const reply = await ask(server, PREDICT, { body: HOUSE, headers: { traceparent: '00-zz-01' } });
    expect(await expectOneRecord(reply)).toMatchObject({ traceId: null, clientRequestId: null });
  });
});

describe('a refusal is on record once', () => {
  const post = (body: string, headers: Record<string, string> = JSON_TYPE): Promise<Reply> =>
    ask(server, PREDICT, { method: 'POST', headers, body });
  const cases: [string, () => Promise<Reply>, Record<string, unknown>][] = [
    [
      'invalid input',
      () => ask(server, PREDICT, { body: { RM: 'x' } }),
      {
        status: 422,
        problem: 'invalid-input',
        model: 'boston-housing',
        version: '1',
        digest: DIGEST,
        input: { RM: 'x' },
      },
    ],
    ['malformed JSON', () => post('{"RM":'), { status: 400, problem: 'malformed-json', input: '{"RM":' }],
    ['an empty body', () => post(''), { status: 400, problem: 'empty-body' }],
    [
      'a length above the limit',
      () => askRaw(server, wire('POST', PREDICT, { ...JSON_TYPE, 'content-length': 65_537 })),
      { status: 413, problem: 'body-too-large', route: '/v1/models/:model/predict' },
    ],
    ['a body above the limit', () => post(' '.repeat(65_537)), { status: 413, problem: 'body-too-large' }],
    [
      'another content type',
      () => post('x', { 'content-type': 'text/plain' }),
      { status: 415, problem: 'unsupported-media-type' },
    ],
    [
      'another accepted type',
      () => ask(server, PREDICT, { body: HOUSE, headers: { accept: 'text/html' } }),
      { status: 406, problem: 'not-acceptable' },
    ],
    [
      'another method',
      () => ask(server, PREDICT, { method: 'DELETE' }),
      { status: 405, problem: 'method-not-allowed', method: 'DELETE', path: PREDICT },
    ],
    [
      'an unknown address',
      () => ask(server, '/nowhere?a=1'),
      { status: 404, problem: 'unknown-route', method: 'GET', route: null, path: '/nowhere' },
    ],
    [
      'an unknown model',
      () => ask(server, '/v1/models/nobody/predict', { body: HOUSE }),
      { status: 404, problem: 'unknown-model', model: 'nobody', version: null, digest: null },
    ],
    [
      'a wrong percent-encoding',
      () => askRaw(server, wire('GET', '/v1/models/%zz')),
      { status: 400, problem: 'malformed-url', path: '/v1/models/%zz' },
    ],
    ['garbage', () => askRaw(server, 'garbage\r\n\r\n'), { status: 400, problem: 'malformed-request' }],
    [
      'garbage in the body',
      () =>
        askRaw(server, `${wire('POST', PREDICT, { ...JSON_TYPE, 'transfer-encoding': 'chunked' })}zz\r\n`),
      { status: 400, problem: 'malformed-request', path: PREDICT },
    ],
    [
      'endless headers',
      () => askRaw(server, wire('GET', '/', { 'x-endless': 'a'.repeat(20_000) })),
      { status: 431, problem: 'headers-too-large' },
    ],
    ['no host', () => askRaw(server, 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'), { status: 400 }],
  ];

  test.each(cases)('%s', async (_what, refuse, expected) => {
    const count = (await records(server)).length; // which itself leaves one record
    const reply = await refuse();
    expect(reply.status).toBe(expected.status);
    expect(await expectOneRecord(reply)).toMatchObject({
      outcome: 'clientError',
      source: '127.0.0.1',
      ...expected,
    });
    // In between: the first list, the refusal, the list and the look-up of expectOneRecord; nothing else.
    expect((await records(server)).length - count).toBe(4);
  });

  test('an unknown record', async () => {
    for (const id of ['nothing', '01a209df-bf55-7f4b-8d05-26c524dcf9b8']) {
      const reply = await ask(server, `${LIST}/${id}`);
      expect(reply.status).toBe(404);
      expect(await expectOneRecord(reply)).toMatchObject({ status: 404, problem: 'unknown-record' });
    }
  });
});

describe('a client that goes away', () => {
  async function theRecord(clientRequestId: string): Promise<Record<string, unknown>> {
    const query = `clientRequestId=${clientRequestId}`;
    await eventually('the record is there', async () =>
      (await records(server, query)).length > 0 ? 1 : undefined,
    );
    await ask(server, PREDICT, { body: HOUSE }); // whatever else was left behind is on disk by now
    const found = await records(server, query);
    expect(found).toHaveLength(1);
    return found[0] as Record<string, unknown>;
  }

  test.each([
    ['closes', (socket: { destroy(): void }) => socket.destroy()],
    ['resets', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
    ['ends', (socket: { end(): void }) => socket.end()],
  ])('in the middle of its upload (it %s) leaves one record', async (how, goAway) => {
    const count = (await records(server)).length;
    const name = `gone-${how}`;
    const socket = await connected(server);
    const headers = { ...JSON_TYPE, 'content-length': 500, 'x-request-id': name, expect: '100-continue' };
    socket.write(wire('POST', PREDICT, headers));
    await new Promise((proceed) => socket.once('data', proceed)); // the server has the headers
    socket.write('{"RM":');
    goAway(socket);
    expect(await theRecord(name)).toMatchObject({
      status: 499,
      outcome: 'aborted',
      method: 'POST',
      route: '/v1/models/:model/predict',
      path: PREDICT,
    });
    const all = await records(server);
    const others = all.slice(0, all.length - count).filter(({ route }) => route !== LIST);
    expect(others.map(({ outcome }) => outcome).sort()).toEqual(['aborted', 'ok']);
    socket.destroy();
  });

  test('while it waits for its answer leaves one record', async () => {
    const big = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_INFERENCE_THREADS: '1' });
    const canary = '/v1/models/boston-housing/labels/canary/predict';
    const rows = houses(40_000);
    const body = JSON.stringify(HOUSE);
    let outcomes: string[] = [];
    for (let attempt = 0; attempt < 20 && !outcomes.includes('aborted'); attempt++) {
      const busy = ask(big, canary, { body: rows }); // the one thread is busy with these
      const socket = await connected(big);
      await new Promise<void>((sent) => {
        const head = wire('POST', canary, {
          ...JSON_TYPE,
          'content-length': body.length,
          'x-request-id': `waiting-${attempt}`,
        });
        socket.write(head + body, () => sent());
      });
      socket.resetAndDestroy(); // a FIN alone may be of one that still reads
      expect((await busy).status).toBe(200);
      const query = `clientRequestId=waiting-${attempt}`;
      const found = await eventually('the record is there', async () => {
        const list = await records(big, query);
        return list.length > 0 ? list : undefined;
      });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ model: 'boston-housing', version: '2', input: HOUSE });
      outcomes = found.map(({ outcome, status }) => {
        expect([outcome, status]).toEqual(outcome === 'aborted' ? ['aborted', 499] : ['ok', 200]);
        return outcome;
      });
    }
    expect(outcomes).toEqual(['aborted']);
    await big.stop();
  });

  test('before it has said anything leaves none', async () => {
    const count = (await records(server)).length;
    (await connected(server)).destroy();
    (await connected(server)).end();
    expect((await ask(server, '/health/live')).status).toBe(200);
    expect((await records(server)).length - count).toBe(1);
  });
});

test('probes and documentation leave no record', async () => {
  const count = (await records(server)).length;
  for (const path of [
    '/health',
    '/health/live',
    '/health/ready',
    '/health/startup',
    '/openapi.json',
    '/docs',
  ]) {
    const { headers, status } = await ask(server, path);
    expect(status).toBeLessThan(400);
    expect((await ask(server, `${LIST}/${String(headers['x-request-id'])}`)).status).toBe(404);
  }
  expect((await records(server)).length - count).toBe(1 + 6); // the first list and the six look-ups
});

test('reading the log leaves a record', async () => {
  const list = await ask(server, `${LIST}?limit=1&status=2xx`);
  expect(await expectOneRecord(list)).toMatchObject({
    route: LIST,
    status: 200,
    outcome: 'ok',
    input: 'limit=1&status=2xx',
  });
  const one = await ask(server, `${LIST}/${String(list.headers['x-request-id'])}`);
  expect(await expectOneRecord(one)).toMatchObject({ route: `${LIST}/:id`, status: 200 });
});

describe('the list', () => {
  let lists: Server;
  let ids: string[];
  let times: number[];

  beforeAll(async () => {
    lists = await Server.start({ ORIEL_DATA: temporaryFolder() });
    const replies: Reply[] = [];
    for (let n = 0; n < 30; n++) {
      const kinds = [
        () => ask(lists, PREDICT, { body: HOUSE }),
        () => ask(lists, '/v1/models/boston-housing/versions/2/predict', { body: HOUSE }),
        () => ask(lists, PREDICT, { body: {} }),
        () => ask(lists, '/v1/models/nobody/predict', { body: HOUSE }),
        () => ask(lists, '/nowhere'),
      ];
      replies.push(await kinds[n % kinds.length]!());
    }
    ids = replies.map(({ headers }) => headers['x-request-id'] as string);
    times = ids.map((id) => parseInt(id.replaceAll('-', '').slice(0, 12), 16));
  });

  const kind = (n: number): string[] => ids.filter((_, at) => at % 5 === n).reverse();

  async function listed(query: string): Promise<string[]> {
    return (await records(lists, query)).map(({ id }) => id).filter((id) => ids.includes(id));
  }

  test('is newest first', async () => {
    expect(await listed('')).toEqual([...ids].reverse());
  });

  test('is narrowed by model, version, status, outcome and route', async () => {
    const newestFirst = (...lists: string[][]): string[] => lists.flat().sort().reverse();
    expect(await listed('model=boston-housing')).toEqual(newestFirst(kind(0), kind(1), kind(2)));
    expect(await listed('model=boston-housing&version=2')).toEqual(kind(1));
    expect(await listed('model=nobody')).toEqual(kind(3));
    expect(await listed('model=never-asked')).toEqual([]);
    expect(await listed('status=404')).toEqual(newestFirst(kind(3), kind(4)));
    expect(await listed('status=4xx')).toEqual(newestFirst(kind(2), kind(3), kind(4)));
    expect(await listed('status=5xx')).toEqual([]);
    expect(await listed('outcome=clientError&status=422')).toEqual(kind(2));
    expect(await listed('outcome=ok')).toEqual(newestFirst(kind(0), kind(1)));
    expect(await listed('route=/v1/models/:model/predict&status=2xx')).toEqual(kind(0));
    for (const least of ['1000000', '1000s', '16m40s', '1000000.5'])
      expect(await listed(`minLatency=${least}`)).toEqual([]);
    expect(await listed('minLatency=0ms')).toHaveLength(ids.length);
  });

  test('is narrowed by time, from inclusive and to exclusive', async () => {
    const [from, to] = [times[10]!, times[20]!];
    const between = ids.filter((_, n) => times[n]! >= from && times[n]! < to).reverse();
    expect(between.length).toBeGreaterThan(0);
    expect(await listed(`from=${from}&to=${to}`)).toEqual(between);
    const spelled = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString().replace('Z', '%2B00:00')}`;
    expect(await listed(spelled)).toEqual(between);
    expect(await listed(`to=${times[0]!}`)).toEqual([]);
  });

  test('is paged without gaps or doubles while records are added', async () => {
    const found: string[] = [];
    let path: string | undefined = `${LIST}?limit=7&to=${Date.now() + 3_600_000}`;
    let pages = 0;
    while (path !== undefined) {
      const reply: Reply = await ask(lists, path);
      expect(reply.status).toBe(200);
      const { items, nextPageToken } = reply.json as { items: { id: string }[]; nextPageToken?: string };
      found.push(...items.map(({ id }) => id));
      const link: string | undefined = reply.headers.link as string | undefined;
      expect(link === undefined).toBe(nextPageToken === undefined);
      path = link === undefined ? undefined : /^<([^>]+)>; rel="next"$/.exec(link)?.[1];
      if (path !== undefined) {
        expect(items).toHaveLength(7);
        expect(new URL(path, lists.url).searchParams.get('pageToken')).toBe(nextPageToken);
      }
      pages++;
      await Promise.all(houses(3).map((body) => ask(lists, PREDICT, { body })));
    }
    expect(pages).toBeGreaterThan(4);
    expect(new Set(found).size).toBe(found.length);
    expect(found.filter((id) => ids.includes(id))).toEqual([...ids].reverse());
  });

  test('names all wrong parameters at once', async () => {
    const query =
      'limit=0&status=999&outcome=good&from=yesterday&to=2026-02-30T00:00:00Z&minLatency=-1&colour=red';
    const { status, json } = await ask(lists, `${LIST}?${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'invalid-parameter' });
    const { errors } = json as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/colour',
      '/from',
      '/limit',
      '/minLatency',
      '/outcome',
      '/status',
      '/to',
    ]);
  });

  test.each([
    ['limit=1001'],
    ['limit=1.5'],
    ['limit=x'],
    ['limit=0x10'],
    ['limit=%2010'],
    ['limit=%2B5'],
    ['minLatency=1x'],
    ['minLatency=Infinity'],
    ['limit='],
    ['model=a&model=b'],
    ['status=2'],
    ['pageToken=x'],
    ['__proto__=1'],
    ['__proto__=1&__proto__=2'],
    ['constructor=1'],
  ])('refuses %s', async (query) => {
    const { status, json } = await ask(lists, `${LIST}?${query}`);
    expect(status).toBe(400);
    const { errors } = json as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toEqual([`/${query.split('=')[0]!}`]);
  });

  test.each(['requests/01a209df-bf55-7f4b-8d05-26c524dcf9b8', 'key', 'checkpoints'])(
    'is not the only one that refuses what it does not know: %s',
    async (path) => {
      const { status, json } = await ask(lists, `/v1/audit/${path}?colour=red&limit=1`);
      expect([status, json]).toMatchObject([400, { code: 'invalid-parameter' }]);
      const { errors } = json as { errors: { pointer: string }[] };
      expect(errors.map(({ pointer }) => pointer)).toEqual(['/colour', '/limit']);
    },
  );

  test('refuses the page token of another query', async () => {
    const { json } = await ask(lists, `${LIST}?limit=1&status=2xx`);
    const { nextPageToken } = json as { nextPageToken: string };
    const same = await ask(lists, `${LIST}?limit=5&status=2xx&pageToken=${nextPageToken}`);
    expect(same.status).toBe(200);
    const other = await ask(lists, `${LIST}?limit=1&status=4xx&pageToken=${nextPageToken}`);
    expect(other.status).toBe(400);
    expect(other.json).toMatchObject({ errors: [{ pointer: '/pageToken' }] });
  });
});

test('in buffered mode too everything is on record, after a moment', async () => {
  const buffered = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_AUDIT: 'buffered' });
  const replies = await Promise.all([
    ...houses(200).map((body) => ask(buffered, PREDICT, { body })),
    ask(buffered, '/nowhere'),
    askRaw(buffered, 'garbage\r\n\r\n'),
  ]);
  const ids = replies.map(({ headers }) => headers['x-request-id'] as string).sort();
  const kept = await eventually('all are on record', async () => {
    const found = (await records(buffered)).filter(({ route }) => route !== LIST);
    return found.length >= ids.length ? found : undefined;
  });
  expect(kept.map(({ id }) => id).sort()).toEqual(ids);
  await buffered.stop();
});

test('a payload above the limit is cut, and says so', async () => {
  const small = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_AUDIT_PAYLOAD_LIMIT: '300' });
  const whole = await recordOf(small, await ask(small, PREDICT, { body: HOUSE }));
  expect(whole).toMatchObject({ input: HOUSE, output: { prediction: [expect.any(Number)] } });
  expect(whole).not.toHaveProperty('truncated');
  const rows = houses(40);
  const reply = await ask(small, PREDICT, { body: rows });
  const cut = (await recordOf(small, reply)) as unknown as {
    input: string;
    output: string;
    truncated: string[];
  };
  expect(cut.truncated).toEqual(['input', 'output']);
  expect(cut.input).toBe(JSON.stringify(rows).slice(0, 300));
  expect(cut.output).toHaveLength(300);
  expect(cut.output).toMatch(/^\{"predictions":\[\[/);
  const input = (await recordOf(
    small,
    await ask(small, PREDICT, { body: houses(3) }),
  )) as unknown as typeof cut;
  expect(input.truncated).toEqual(['input']);
  expect(input.output).toMatchObject({
    predictions: [[expect.any(Number)], [expect.any(Number)], [expect.any(Number)]],
  });
  await small.stop();
});
