import { ask, askRaw, wire } from '../client.js';
import { PREDICT } from '../houses.js';
import { Server, temporaryFolder } from '../server.js';
import { expectRefused, expectServing } from './attack.js';

const JSON_TYPE = { 'content-type': 'application/json' };
let server: Server;

beforeAll(async () => {
  server = await Server.start({
    ORIEL_DATA: temporaryFolder(),
    ORIEL_URL_LIMIT: '2KiB',
    ORIEL_PARAMETERS: '20',
    ORIEL_HEADERS: '30',
    ORIEL_HEADER_LIMIT: '4KiB',
  });
});
afterEach(() => expectServing(server));

describe('a head beyond its limits', () => {
  const headers = Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`x-${at}`, '1']));

  test.each([
    ['an address', wire('GET', `/v1/models?${'a'.repeat(2100)}`), 414, 'url-too-long'],
    ['an address without an end', wire('GET', `/v1/models?${'a'.repeat(100_000)}`), 414, 'url-too-long'],
    ['query parameters', wire('GET', `/v1/models?${'a&'.repeat(20)}`), 414, 'too-many-parameters'],
    ['headers', wire('GET', '/v1/models', headers), 431, 'too-many-headers'],
    ['a header', wire('GET', '/v1/models', { 'x-long': 'a'.repeat(5000) }), 431, 'headers-too-large'],
    ['a header without an end', wire('GET', '/v1/models', { 'x-long': 'a'.repeat(90_000) }), 431, 'headers-too-large'],
  ] as const)('%s', async (_what, bytes, status, code) => {
    await expectRefused(server, await askRaw(server, bytes), status, code);
  }); // prettier-ignore
});

describe('a request that two readers could take differently', () => {
  const post = (headers: Record<string, string>): string =>
    wire('POST', PREDICT, { ...JSON_TYPE, ...headers });
  const get = (line: string): string =>
    `GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${line}\r\n\r\n`;

  test.each([
    ['two lengths', `${post({ 'content-length': '4' }).slice(0, -2)}content-length: 5\r\n\r\nnull`],
    ['a length and chunks', `${post({ 'content-length': '4', 'transfer-encoding': 'chunked' })}0\r\n\r\n`],
    ['chunks that are not the last coding', `${post({ 'transfer-encoding': 'chunked, identity' })}0\r\n\r\n`],
    ['a length with a sign', `${post({ 'content-length': '+4' })}null`],
    ['a header on two lines', get('x: a\r\n b')],
    ['a header with NUL', get('x: a\0b')],
    ['a bare carriage return', get('x: a\rb')],
    ['bare line feeds', 'GET /v1/models HTTP/1.1\nhost: x\n\n'],
    ['two hosts', get('host: y')],
    ['a host that is none', 'GET /v1/models HTTP/1.1\r\nhost: a b@c\r\nconnection: close\r\n\r\n'],
    ['chunks in HTTP/1.0', `POST ${PREDICT} HTTP/1.0\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an endless chunk extension', `${post({ 'transfer-encoding': 'chunked' })}4;${'a'.repeat(40_000)}\r\nnull\r\n0\r\n\r\n`],
  ])('%s', async (_what, bytes) => {
    await expectRefused(server, await askRaw(server, bytes), 400, 'malformed-request');
  }); // prettier-ignore

  test('a coding of its transfer that is not known', async () => {
    const bytes = `${post({ 'transfer-encoding': 'gzip, chunked' })}0\r\n\r\n`;
    await expectRefused(server, await askRaw(server, bytes), 501, 'unknown-transfer-coding');
  });
});

describe('another protocol on the port', () => {
  test.each([
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400, 'malformed-request'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed-request'],
    ['a request in HTTP/2.0', 'GET /v1/models HTTP/2.0\r\nhost: x\r\n\r\n', 505, 'http-version'],
    ['HTTP/0.9', 'GET /v1/models\r\n\r\n', 505, 'http-version'],
  ] as const)('%s', async (_what, bytes, status, code) => {
    await expectRefused(server, await askRaw(server, bytes), status, code);
  });

  test('HTTP/1.0 is answered', async () => {
    expect((await askRaw(server, 'GET /v1/models HTTP/1.0\r\n\r\n')).status).toBe(200);
  });

  test('an upgrade that nobody offers is passed over', async () => {
    const headers = { connection: 'upgrade, close', upgrade: 'h2c' };
    expect((await askRaw(server, wire('GET', '/v1/models', headers))).status).toBe(200);
  });
});

describe('an address', () => {
  test('with scheme and host, as proxies send it, is the same address, with all its checks', async () => {
    expect((await askRaw(server, wire('GET', 'http://x/v1/models'))).status).toBe(200);
    const html = wire('GET', 'http://x/v1/models', { accept: 'text/html' });
    await expectRefused(server, await askRaw(server, html), 406, 'not-acceptable');
  });

  test.each(['//v1/models', '/v1//models', '/v1%2fmodels', '/v1/x/../models', '*'])('%s is nowhere', async (path) => {
    await expectRefused(server, await askRaw(server, wire('GET', path)), 404, 'unknown-route');
  }); // prettier-ignore

  test.each(['/v1/models/%zz', '/v1/models/%C0%AF', '/v1/models/%E0%A4%A'])('%s is malformed', async (path) => {
    await expectRefused(server, await askRaw(server, wire('GET', path)), 400, 'malformed-url');
  }); // prettier-ignore

  test('with a parameter given twice is refused', async () => {
    await expectRefused(server, await ask(server, '/v1/audit/requests?limit=1&limit=2'), 400, 'invalid-parameter');
  }); // prettier-ignore

  test('is answered whole, however many ranges are asked for', async () => {
    const range = `bytes=${Array.from({ length: 400 }, (_, at) => `${at}-`).join(',')}`;
    expect((await ask(server, '/v1/models', { headers: { range } })).status).toBe(200);
  });
});
