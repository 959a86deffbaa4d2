import { gzipSync } from 'node:zlib';
import { ask, askRaw, connected, recordOf, records, wire, type Reply } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { PROJECT, Server, temporaryFolder } from '../server.js';

const LIMIT = 65_536;
const JSON_TYPE = { 'content-type': 'application/json' };
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const folder = temporaryFolder();
const seen: Reply[] = [];
let server: Server;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: folder, ORIEL_BODY_LIMIT: String(LIMIT) });
});

/** Holds an answer to the form of a problem, and keeps it for the laws at the end. */
function expectProblem(reply: Reply, status: number, code: string): { pointer: string; detail: string }[] {
  expect({ status: reply.status, code: (reply.json as { code?: string } | undefined)?.code }).toEqual({
    status,
    code,
  });
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(reply.json).toMatchObject({
    type: `urn:oriel:problem:${code}`,
    title: expect.any(String) as string,
    status,
    detail: expect.stringMatching(/\.$/) as string,
    instance: `/v1/audit/requests/${String(reply.headers['x-request-id'])}`,
  });
  seen.push(reply);
  return (reply.json as { errors?: { pointer: string; detail: string }[] }).errors ?? [];
}

describe('an input that cannot be used', () => {
  test('all faults of a body are named at once, each with its pointer', async () => {
    const { RM: _missing, ...rest } = HOUSE;
    const reply = await ask(server, PREDICT, { body: { ...rest, TAX: '296', LSTAT: null, 'a/b~c': 1 } });
    const errors = expectProblem(reply, 422, 'invalid-input');
    expect(errors.sort((a, b) => (a.pointer < b.pointer ? -1 : 1))).toEqual([
      { pointer: '/LSTAT', detail: 'must be a number' },
      { pointer: '/RM', detail: 'is missing' },
      { pointer: '/TAX', detail: 'must be a number' },
      { pointer: '/a~1b~0c', detail: 'is not a feature of this model' },
    ]);
  });

  test('a value out of its range is refused by name', async () => {
    const reply = await ask(server, PREDICT, { body: { ...HOUSE, CHAS: 2, CRIM: -1 } });
    expect(expectProblem(reply, 422, 'invalid-input')).toEqual([
      { pointer: '/CRIM', detail: 'must be at least 0' },
      { pointer: '/CHAS', detail: 'must be at most 1' },
    ]);
  });

  test('a fault in an array is named with its row', async () => {
    const { RM: _missing, ...rest } = HOUSE;
    const reply = await ask(server, PREDICT, { body: [HOUSE, rest, 7, { ...HOUSE, X: 1 }] });
    expect(expectProblem(reply, 422, 'invalid-input').map(({ pointer }) => pointer)).toEqual([
      '/1/RM',
      '/2',
      '/3/X',
    ]);
  });

  test.each([['null'], ['7'], ['"text"'], ['true']])('the JSON value %s is no row', async (body) => {
    const reply = await ask(server, PREDICT, { method: 'POST', headers: JSON_TYPE, body });
    expect(expectProblem(reply, 422, 'invalid-input')).toHaveLength(1);
  });

  test('a query that names a feature twice, or an unknown one, is refused by name', async () => {
    const reply = await ask(server, `${PREDICT}?RM=1&RM=2`);
    expect(expectProblem(reply, 422, 'invalid-input')).toContainEqual({
      pointer: '/RM',
      detail: 'must be given once',
    });
    const unknown = await ask(server, `${PREDICT}?FOO=1`);
    const pointers = expectProblem(unknown, 422, 'invalid-input').map(({ pointer }) => pointer);
    expect(pointers).toContain('/FOO');
    expect(pointers).toContain('/RM');
  });

  test.each([['__proto__'], ['constructor'], ['toString']])('the name %s is no feature', async (name) => {
    const body = `${JSON.stringify(HOUSE).slice(0, -1)},"${name}":1}`;
    const reply = await ask(server, PREDICT, { method: 'POST', headers: JSON_TYPE, body });
    expect(expectProblem(reply, 422, 'invalid-input')).toEqual([
      { pointer: `/${name}`, detail: 'is not a feature of this model' },
    ]);
  });
});

describe('a body that cannot be read', () => {
  test.each([['{"RM":'], ['{"RM":1,}'], ['RM=1'], ['{"RM":NaN}'], ['\u0000']])('%j', async (body) => {
    const reply = await ask(server, PREDICT, { method: 'POST', headers: JSON_TYPE, body });
    expectProblem(reply, 400, 'malformed-json');
  });

  test('an empty body', async () => {
    const reply = await ask(server, PREDICT, { method: 'POST', headers: JSON_TYPE, body: '' });
    expectProblem(reply, 400, 'empty-body');
  });

  test('no body at all', async () => {
    expectProblem(await askRaw(server, wire('POST', PREDICT)), 422, 'invalid-input');
  });

  test('gzip that is none', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    const reply = await ask(server, PREDICT, { method: 'POST', headers, body: JSON.stringify(HOUSE) });
    expectProblem(reply, 400, 'malformed-encoding');
  });

  test('chunks that are none', async () => {
    const head = wire('POST', PREDICT, { ...JSON_TYPE, 'transfer-encoding': 'chunked' });
    expectProblem(await askRaw(server, `${head}5\r\n{"RM"\r\nzz\r\n`), 400, 'malformed-request');
  });
});

describe('a body above the limit', () => {
  test('is refused from its declared length, before it is sent', async () => {
    const head = wire('POST', PREDICT, {
      ...JSON_TYPE,
      'content-length': LIMIT + 1,
      connection: 'keep-alive',
    });
    expectProblem(await askRaw(server, head), 413, 'body-too-large');
  });

  test('is refused while it comes in chunks', async () => {
    const head = wire('POST', PREDICT, { ...JSON_TYPE, 'transfer-encoding': 'chunked' });
    const chunk = ' '.repeat(LIMIT / 2);
    const bytes = `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
    const reply = await askRaw(server, `${head}${bytes}${bytes}1\r\n \r\n`);
    expectProblem(reply, 413, 'body-too-large');
  });

  test('is refused when it is small only in gzip', async () => {
    const body = gzipSync(Buffer.alloc(50 * LIMIT, ' '));
    expect(body.length).toBeLessThan(LIMIT);
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expectProblem(await ask(server, PREDICT, { method: 'POST', headers, body }), 413, 'body-too-large');
  });

  test('is taken up to the last byte of the limit', async () => {
    const body = JSON.stringify(HOUSE).padEnd(LIMIT);
    expect((await ask(server, PREDICT, { method: 'POST', headers: JSON_TYPE, body })).status).toBe(200);
  });
});

describe('negotiation', () => {
  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonx'],
    [';;;'],
  ])('the content type %s is not taken', async (type) => {
    const headers = { 'content-type': type };
    const reply = await ask(server, PREDICT, { method: 'POST', headers, body: JSON.stringify(HOUSE) });
    expectProblem(reply, 415, 'unsupported-media-type');
    expect(reply.headers.accept).toBe('application/json, text/csv, application/x-ndjson');
  });

  test.each([
    ['application/octet-stream', PREDICT, 'application/json, text/csv, application/x-ndjson'],
    ['text/csv', '/v1/models/boston-housing:predict', 'application/json'],
    ['application/octet-stream', '/v1/models/boston-housing:predict', 'application/json'],
    ['application/octet-stream', '/v2/repository/index', 'application/json'],
    ['text/plain', '/v1/models/boston-housing/invocations', 'application/json, text/csv'],
    ['text/csv', '/v2/models/boston-housing/infer', 'application/json, application/octet-stream'],
  ])('a body of %s is refused by %s before it is sent', async (type, path, accept) => {
    const headers = { 'content-type': type, 'content-length': 1000, connection: 'keep-alive' };
    const socket = await connected(server);
    socket.write(wire('POST', path, headers));
    const answer = await new Promise<string>((got) => socket.once('data', (bytes) => got(bytes.toString())));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
    expect(/^accept: (.*)$/im.exec(answer)?.[1]).toBe(accept);
  });

  test('a type in capitals or with parameters is the same type', async () => {
    const headers = { 'content-type': 'Application/JSON ; charset=utf-8' };
    const reply = await ask(server, PREDICT, { method: 'POST', headers, body: JSON.stringify(HOUSE) });
    expect(reply.status).toBe(200);
  });

  test('a body without a content type is not taken', async () => {
    const body = JSON.stringify(HOUSE);
    const reply = await askRaw(server, wire('POST', PREDICT, { 'content-length': body.length }) + body);
    expectProblem(reply, 415, 'unsupported-media-type');
  });

  test('a content encoding that is not known is not taken', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'zip' };
    const reply = await ask(server, PREDICT, { method: 'POST', headers, body: JSON.stringify(HOUSE) });
    expectProblem(reply, 415, 'unsupported-encoding');
    expect(reply.headers['accept-encoding']).toBe('gzip, br');
  });

  test.each([['text/html'], ['application/xml, image/*;q=0.5'], ['application/json;q=0']])(
    'an answer as %s is not given',
    async (accept) => {
      expectProblem(await ask(server, PREDICT, { body: HOUSE, headers: { accept } }), 406, 'not-acceptable');
      expectProblem(await ask(server, '/v1/models', { headers: { accept } }), 406, 'not-acceptable');
    },
  );

  test.each([['*/*'], ['application/*'], ['text/html, application/json;q=0.1']])(
    'an answer as %s is given',
    async (accept) => {
      expect((await ask(server, PREDICT, { body: HOUSE, headers: { accept } })).status).toBe(200);
    },
  );
});

describe('an address', () => {
  test.each([
    ['DELETE', PREDICT, 'GET, HEAD, OPTIONS, POST, QUERY'],
    ['PUT', '/v1/models', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/v1/audit/requests', 'GET, HEAD, OPTIONS'],
    ['POST', '/health/ready', 'GET, HEAD, OPTIONS'],
  ])('that does not take %s says what it takes', async (method, path, allow) => {
    const reply = await ask(server, path, { method });
    expectProblem(reply, 405, 'method-not-allowed');
    expect(reply.headers.allow).toBe(allow);
  });

  test.each([['/'], ['/v1'], ['/v1/model'], ['/v3/models'], ['/v1/models/boston-housing/predict/x']])(
    '%s is unknown',
    async (path) => {
      expectProblem(await ask(server, path), 404, 'unknown-route');
      expectProblem(await ask(server, path, { body: HOUSE }), 404, 'unknown-route');
      for (const type of ['text/csv', 'application/json', 'application/octet-stream']) {
        const question = { method: 'POST', headers: { 'content-type': type }, body: 'a,b' };
        expectProblem(await ask(server, path, question), 404, 'unknown-route');
      }
    },
  );

  test('with a wrong percent-encoding is malformed', async () => {
    expectProblem(await askRaw(server, wire('GET', '/v1/models/%zz')), 400, 'malformed-url');
  });

  test('with an endless part is too long', async () => {
    expectProblem(await ask(server, `/v1/models/${'a'.repeat(2000)}`), 414, 'url-too-long');
  });
});

describe('what is hardly HTTP', () => {
  test('garbage is told that it is', async () => {
    const garbage = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0xff]);
    expectProblem(await askRaw(server, garbage), 400, 'malformed-request');
    expectProblem(await askRaw(server, 'hello, is this the right window?\r\n\r\n'), 400, 'malformed-request');
  });

  test('endless headers are too large', async () => {
    const reply = await askRaw(server, wire('GET', '/v1/models', { 'x-endless': 'a'.repeat(20_000) }));
    expectProblem(reply, 431, 'headers-too-large');
  });

  test('a request without a host is malformed', async () => {
    const reply = await askRaw(server, 'GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n');
    expectProblem(reply, 400, 'missing-host');
  });

  test('CONNECT is not taken', async () => {
    const reply = await askRaw(server, wire('CONNECT', 'oriel.test:443', { 'user-agent': 'a proxy' }));
    expectProblem(reply, 405, 'method-not-allowed');
    expect(await recordOf(server, reply)).toMatchObject({
      method: 'CONNECT',
      path: 'oriel.test:443',
      route: null,
      source: '127.0.0.1',
      userAgent: 'a proxy',
    });
  });

  test('an expectation that nobody knows is overlooked', async () => {
    const reply = await askRaw(server, wire('GET', '/v1/models', { expect: 'miracles' }));
    expect(reply.status).toBe(200);
    expect(reply.headers['x-request-id']).toMatch(UUID_V7);
  });

  test('the server lives on', async () => {
    expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
    expect(server.running).toBe(true);
  });
});

describe('every answer', () => {
  test('names a request id of its own, which is on record', async () => {
    const replies = [
      ...seen,
      await ask(server, PREDICT, { body: HOUSE }),
      await ask(server, '/v1/models'),
      await ask(server, '/v1/models', { method: 'OPTIONS' }),
      await ask(server, '/health/live'),
      await ask(server, '/openapi.json'),
    ];
    const ids = replies.map(({ headers }) => headers['x-request-id'] as string);
    for (const id of ids) expect(id).toMatch(UUID_V7);
    expect(new Set(ids).size).toBe(ids.length);
    const recorded = new Set((await records(server)).map(({ id }: { id: string }) => id));
    const unrecorded = seen.filter(({ headers }) => !recorded.has(headers['x-request-id'] as string));
    // Only the refused probe is off the record, as probes are.
    expect(unrecorded.map(({ status, headers }) => [status, headers.allow])).toEqual([
      [405, 'GET, HEAD, OPTIONS'],
    ]);
  });

  test('keeps quiet about how the server is made', () => {
    expect(seen.length).toBeGreaterThan(50);
    for (const { text } of seen) {
      expect(text).not.toContain(PROJECT);
      expect(text).not.toMatch(/node_modules|\bat [\w.<>]+ \(|\.js:\d|FST_|ERR_|HPE_|onnxruntime/i);
    }
  });

  test('leaves no error in the log, since none was of the server', () => {
    expect(server.stderr.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});

test('a client that is too slow with its request is told so, once', async () => {
  const slow = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_REQUEST_TIMEOUT: '500ms' });
  const bytes = wire('POST', PREDICT, { ...JSON_TYPE, 'content-length': 10 });
  const replies = await Promise.all([askRaw(slow, `${bytes}{"RM"`), askRaw(slow, 'POST /v1/models HTT')]);
  for (const reply of replies) expectProblem(reply, 408, 'request-timeout');
  const kept = await records(slow, 'outcome=timeout');
  expect(kept.map(({ id }: { id: string }) => id).sort()).toEqual(
    replies.map(({ headers }) => headers['x-request-id']).sort(),
  );
  expect(await records(slow, 'outcome=aborted')).toEqual([]);
  await slow.stop();
});

test('a connection on which nothing is asked is closed in time, and no request', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_REQUEST_TIMEOUT: '500ms' });
  const silent = await connected(server);
  const said: Buffer[] = [];
  silent.on('data', (bytes: Buffer) => said.push(bytes));
  await new Promise((closed) => silent.once('close', closed));
  expect(said).toEqual([]);
  expect(await records(server)).toEqual([]);
  await server.stop();
});
