import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ask, connected, wire } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { Server, temporaryFolder } from '../server.js';
import { exchange, expectRefused, expectServing } from './attack.js';

const MODEL = '/v1/models/boston-housing';
const V2 = '/v2/models/boston-housing/infer';
const JSON_TYPE = 'application/json';
const NDJSON = 'application/x-ndjson';
const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);
const DEEP_OBJECTS = '{"}":'.repeat(100_000) + '1' + '}'.repeat(100_000);
let server: Server;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_ELEMENTS: '13000', ORIEL_BODY_MEMORY: '8MiB', ORIEL_UNPACK_RATIO: '10' });
  const minute = { type: 'tumbling', size: '1m', aggregates: { n: { op: 'count' } } };
  const body = { key: ['car'], eventTime: 'time', windows: { minute } };
  expect((await ask(server, '/v1/streams/cars', { method: 'PUT', body })).status).toBe(201);
}); // prettier-ignore
afterEach(() => expectServing(server));

const send = (path: string, body: string | Buffer, type = JSON_TYPE, headers = {}, method = 'POST') =>
  ask(server, path, { method, body, headers: { 'content-type': type, ...headers } }); // prettier-ignore

/** The most resident memory that the server has had, in MiB. */
const peak = (): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;

describe('JSON without an end of brackets', () => {
  test.each([
    PREDICT, `${MODEL}:predict`, `${MODEL}/invocations`, V2, '/v2/repository/index', '/v1/outcomes',
    '/v1/streams/cars/events', '/v1/streams/cars/replay', '/v1/audit/holds', '/v1/audit/erasures',
  ])('is not parsed by %s', async (path) => {
    for (const body of [DEEP, DEEP_OBJECTS, `[{"a":${DEEP}}]`])
      await expectRefused(server, await send(path, body), 400, 'json-too-deep');
  }); // prettier-ignore

  test('is not parsed as a definition of a stream', async () => {
    await expectRefused(server, await send('/v1/streams/x', `{"key":${DEEP}}`, JSON_TYPE, {}, 'PUT'), 400, 'json-too-deep');
  }); // prettier-ignore

  test('does not reach the journal inside of an outcome, where it would fail the records of others', async () => {
    const body = `{"prediction":"0197a5d2-7c1e-7a33-8f0b-3f1f6c2b9d10","value":${DEEP}}`;
    await expectRefused(server, await send('/v1/outcomes', body), 400, 'json-too-deep');
    expect(server.stderr).not.toMatch(/call stack/);
  });

  test.each(['application/cloudevents+json', 'application/cloudevents-batch+json'])('is no event in %s', async (type) => {
    await expectRefused(server, await send('/v1/streams/cars/events', DEEP, type), 400, 'json-too-deep');
  }); // prettier-ignore

  test('is no line of NDJSON, and costs no other', async () => {
    const { text } = await send(PREDICT, `${DEEP}\n${JSON.stringify(HOUSE)}\n`, NDJSON);
    const [first, second] = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ line: 1, code: 'json-too-deep' });
    expect(second).toHaveProperty('prediction');
    const { json } = await send('/v1/streams/cars/events', `${DEEP}\n`, NDJSON);
    expect(json).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] });
  }); // prettier-ignore

  test('is no head of a binary request', async () => {
    const headers = { 'inference-header-content-length': String(DEEP.length) };
    await expectRefused(
      server,
      await send(V2, DEEP, 'application/octet-stream', headers),
      400,
      'json-too-deep',
    );
  });

  test('is no filter', async () => {
    const reply = await ask(server, `/v1/audit/requests?filter=${'('.repeat(3000)}`);
    await expectRefused(server, reply, 400, 'invalid-parameter');
  });
});

describe('a packed body', () => {
  const gzip = gzipSync(Buffer.alloc(300_000_000, '\n'));
  const parts = Buffer.concat(Array.from({ length: 40 }, () => gzipSync(Buffer.alloc(10_000_000, '\n'))));
  const br = brotliCompressSync(Buffer.alloc(100_000_000, ' '));

  test.each([
    ['gzip, of JSON', PREDICT, JSON_TYPE, 'gzip', gzip],
    ['br, of JSON', PREDICT, JSON_TYPE, 'br', br],
    ['gzip, of events', '/v1/streams/cars/events', NDJSON, 'gzip', gzip],
    ['gzip in many parts, of rows', PREDICT, NDJSON, 'gzip', parts],
    ['gzip, of rows in CSV', PREDICT, 'text/csv', 'gzip', gzip],
  ])('that is nearly nothing is not unpacked to its end: %s', async (_what, path, type, coding, body) => {
    const held = peak();
    const reply = await send(path, body, type, { 'content-encoding': coding });
    await expectRefused(server, reply, 413, 'compression-ratio');
    expect(peak() - held).toBeLessThan(100);
  });

  test('in a packed body is not taken', async () => {
    const reply = await send(PREDICT, gzipSync(gzipSync('{}')), JSON_TYPE, {
      'content-encoding': 'gzip, gzip',
    });
    await expectRefused(server, reply, 415, 'unsupported-encoding');
  });

  test('of an honest kind is taken', async () => {
    const body = gzipSync(JSON.stringify(HOUSE));
    expect((await send(PREDICT, body, JSON_TYPE, { 'content-encoding': 'gzip' })).status).toBe(200);
  });
});

describe('more than memory has', () => {
  const infer = (shape: unknown, data: unknown = [1], datatype = 'FP32') =>
    send(V2, JSON.stringify({ inputs: [{ name: 'input', shape, datatype, data }] })); // prettier-ignore

  test.each([[[2 ** 31, 2 ** 31]], [[2 ** 53, 13]], [[-1, 13]], [[1e308, 13]], [['1', 13]]])(
    'the shape %j is refused by itself',
    async (shape) => {
      await expectRefused(server, await infer(shape), 400, 'invalid-input');
    },
  );

  test('rows that make more values than a request may are refused', async () => {
    const reply = await send(PREDICT, JSON.stringify(Array(1001).fill(HOUSE)));
    await expectRefused(server, reply, 413, 'too-many-elements');
  });

  test.each([['1e9'], ['-1'], ['99999999999999999999'], ['5, 5']])('a length of the JSON part of %s lies', async (length) => {
    const reply = await send(V2, '{}', 'application/octet-stream', { 'inference-header-content-length': length });
    await expectRefused(server, reply, 400, 'wrong-header-length');
  }); // prettier-ignore

  test('a binary size that lies is refused', async () => {
    const json = JSON.stringify({
      inputs: [
        { name: 'input', shape: [1, 13], datatype: 'FP32', parameters: { binary_data_size: 2 ** 52 } },
      ],
    });
    const headers = { 'inference-header-content-length': String(json.length) };
    await expectRefused(
      server,
      await send(V2, json, 'application/octet-stream', headers),
      400,
      'invalid-input',
    );
  });

  test('bodies beyond what all may hold at once are refused, those that are only announced do not count', async () => {
    const head = wire('POST', PREDICT, { 'content-type': JSON_TYPE, 'content-length': 7_900_000 });
    const held = await connected(server);
    const announced = await connected(server);
    announced.write(head);
    await new Promise<void>((sent) => held.write(head + ' '.repeat(7_890_000), () => sent()));
    expect(await exchange(server, head + ' '.repeat(7_899_998) + '{}')).toMatch(/^HTTP\/1\.1 503 [^]*"code":"bodies-full"/);
    held.destroy();
    announced.destroy();
  }); // prettier-ignore
});
