import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { ask, connected, records, wire } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { exchange, expectServing, trickle } from './attack.js';

const TIMEOUT = 1000;
const BODY = JSON.stringify(HOUSE);
const POST = wire('POST', PREDICT, {
  'content-type': 'application/json',
  'content-length': BODY.length,
  connection: 'keep-alive',
});
let server: Server;

beforeAll(async () => {
  server = await Server.start({
    ORIEL_DATA: temporaryFolder(),
    ORIEL_REQUEST_TIMEOUT: `${TIMEOUT}ms`,
    ORIEL_HEADER_TIMEOUT: '500ms',
    ORIEL_CONNECTIONS: '40',
    ORIEL_CONNECTIONS_EACH: '20',
    ORIEL_PIPELINED: '10',
    ORIEL_KEEP_ALIVE: '300ms',
    ORIEL_LIVE_READERS_EACH: '2',
  });
});
afterEach(() => expectServing(server));

/** The last answer; interim ones (100) may come before it. */
const statuses = (said: string): string[] =>
  [...said.matchAll(/HTTP\/1\.1 (\d+)/g)]
    .map(([, status]) => status as string)
    .filter((one) => one !== '100');

test('a client that closes its side after its request gets the answer', async () => {
  const said = await exchange(server, POST + BODY, true);
  expect(statuses(said)).toEqual(['200']);
  expect(said).toContain('"prediction":[');
}); // prettier-ignore

test('a thousand requests on one connection are answered in order, a few at a time', async () => {
  const asked = Array.from({ length: 1000 }, (_, at) =>
    wire('GET', `/v1/nothing/${at}`, { connection: 'keep-alive', 'x-request-id': `piped-${at}` }),
  );
  const said = await exchange(server, asked.join(''), true);
  expect(statuses(said)).toHaveLength(1000);
  const ids = [...said.matchAll(/x-request-id: (\S+)/g)].map(([, id]) => id);
  const kept = new Map((await records(server, 'route=')).map(({ id, path }) => [id, path]));
  expect(ids.map((id) => kept.get(id as string))).toEqual(asked.map((_, at) => `/v1/nothing/${at}`));
});

/** Whether the server still has its end of a connection: once it closed that, no file is behind it. */
function isHeld({ localPort = 0 }: Socket): boolean {
  const port = (one: number): string => one.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(
    `^ *\\d+: \\w+:${port(server.port)} \\w+:${port(localPort)} (?:\\S+ +){6}(\\d+)`,
    'm',
  );
  const [, inode = '0'] = line.exec(readFileSync('/proc/net/tcp', 'utf8')) ?? [];
  return inode !== '0';
}

describe('what is no request behind requests', () => {
  const GET = wire('GET', '/v1/models', { connection: 'keep-alive' });

  test.each([
    ['a line', 'nonsense\r\n\r\n', 400],
    ['a head that is too long', `GET /v1/models HTTP/1.1\r\nx: ${'a'.repeat(90_000)}`, 431],
    ['a head that never ends', 'GET /v1/models HTTP/1.1\r\nx: ', 408],
    ['a tunnel', wire('CONNECT', 'oriel.test:443'), 405],
  ])('is answered after them: %s', async (_what, bytes, status) => {
    for (const many of [1, 5, 35]) {
      const said = await exchange(server, (POST + BODY + GET).repeat(many) + bytes);
      expect(statuses(said)).toEqual([...Array<string>(2 * many).fill('200'), String(status)]);
    }
  });

  test('is on record as what it is', async () => {
    const said = await exchange(server, `${POST}${BODY}nonsense\r\n\r\n`);
    const [, id] = [...said.matchAll(/x-request-id: (\S+)/g)].map(([, one]) => one);
    const kept = (await records(server, 'route=')).find((one) => one.id === id);
    expect(kept).toMatchObject({ status: 400, problem: 'malformed-request' });
  });

  test('is answered after one that no route could be looked up for, which is on record, too', async () => {
    const said = await exchange(server, `${wire('GET', '/v1/models/%zz', { connection: 'keep-alive' })}nonsense\r\n\r\n`);
    expect([...said.matchAll(/"code":"([^"]+)"/g)].map(([, code]) => code)).toEqual(['malformed-url', 'malformed-request']);
  }); // prettier-ignore

  test('cuts off nothing of the last answer, where that ends the connection', async () => {
    const said = await exchange(server, `${POST}${BODY}${wire('GET', '/openapi.json')}nonsense\r\n\r\n`);
    const [, length] = /content-length: (\d+)\r\n(?![^]*content-length)/.exec(said) ?? [];
    expect(statuses(said).slice(0, 2)).toEqual(['200', '200']);
    expect(said.slice(said.lastIndexOf('\r\n\r\n') + 4)).toHaveLength(Number(length));
  });

  test.each([
    ['a line', 'nonsense\r\n\r\n'],
    ['a tunnel', wire('CONNECT', 'oriel.test:443')],
    ['a tunnel behind a request', GET + wire('CONNECT', 'oriel.test:443')],
  ])('holds no connection of a client that never closes its side: %s', async (_what, bytes) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise<void>((ended) => socket.resume().once('end', ended).write(bytes));
    expect(isHeld(socket)).toBe(true);
    await eventually('the server closes it', () => (isHeld(socket) ? undefined : true), 5000);
    socket.destroy();
  });

  test('does not break into an answer that is still given', async () => {
    const socket = await connected(server);
    let said = '';
    socket.on('data', (bytes) => (said += String(bytes)));
    socket.write(
      `${wire('GET', '/v1/streams/predictions/live', { connection: 'keep-alive' })}nonsense\r\n\r\n`,
    );
    await eventually('the answer begins', () => (said.includes(' 200 ') ? true : undefined));
    await ask(server, PREDICT, { body: HOUSE });
    await eventually('it goes on', () => (/^data: .*prediction/m.test(said) ? true : undefined));
    expect(statuses(said)).toEqual(['200']);
    socket.destroy();
  });
});

test('what waits behind others when its client goes away is on record as aborted', async () => {
  const socket = await connected(server);
  const list = wire('GET', '/v1/models', { connection: 'keep-alive', 'x-request-id': 'left-behind' });
  socket.write(list.repeat(300));
  await new Promise((answered) => socket.once('data', answered));
  socket.resetAndDestroy();
  await eventually('every one is on record', async () => {
    const found = await records(server, 'clientRequestId=left-behind');
    return found.some(({ outcome }) => outcome === 'aborted') ? found : undefined;
  });
});

test('headers that come a byte at a time are cut off in time', async () => {
  const said = await trickle(server, 'GET /v1/models HTTP/1.1\r\nx-slow: ', 'a', 100);
  expect(statuses(said)).toEqual(['408']);
  expect(said).toContain('"code":"request-timeout"');
});

test.each([
  ['that is held whole', 'application/json', '/v1/models/boston-housing/predict'],
  ['of rows, read as it comes', 'application/x-ndjson', '/v1/models/boston-housing/predict'],
])('a body %s, and comes a byte at a time, is cut off in time', async (_what, type, path) => {
  const head = wire('POST', path, { 'content-type': type, 'content-length': 100_000 });
  expect(statuses(await trickle(server, head, ' ', 100))).toEqual(['408']);
});

test('a connection on which nothing more is asked is closed', async () => {
  const from = performance.now();
  const said = await exchange(server, wire('GET', '/v1/models', { connection: 'keep-alive' }));
  expect(statuses(said)).toEqual(['200']);
  expect(performance.now() - from).toBeGreaterThanOrEqual(250);
});

test('connections beyond the most of one address are closed at once, and there is room again later', async () => {
  const sockets: Socket[] = [];
  for (let at = 0; at < 20; at++) sockets.push(await connected(server));
  expect(await exchange(server, wire('GET', '/v1/models'))).toBe('');
  for (const socket of sockets) socket.destroy();
  await eventually('there is room', async () =>
    ask(server, '/v1/models').then(
      ({ status }) => (status === 200 ? true : undefined),
      () => undefined,
    ),
  );
});

test('one caller has no more live readers than it may, until one leaves', async () => {
  const live = wire('GET', '/v1/streams/predictions/live', { connection: 'keep-alive' });
  const readers = [await connected(server), await connected(server)];
  for (const reader of readers) {
    reader.write(live);
    await new Promise((answered) => reader.once('data', answered));
  }
  const reply = await ask(server, '/v1/streams/predictions/live');
  expect([reply.status, reply.json]).toMatchObject([429, { code: 'too-many-live' }]);
  readers[0]?.end();
  await eventually('there is a place', async () => {
    const reader = await connected(server);
    reader.write(live);
    const said = await new Promise<string>((answered) =>
      reader.once('data', (text) => answered(String(text))),
    );
    reader.destroy();
    return said.includes(' 200 ') ? true : undefined;
  });
  readers[1]?.destroy();
});

test('a client that reads none of its answers is cut off', async () => {
  const socket = await connected(server);
  socket.pause();
  const list = wire('GET', '/openapi.json', { connection: 'keep-alive' });
  const closed = new Promise((done) => socket.once('close', done));
  socket.write(list.repeat(200));
  // Nothing is read, so the end of the connection shows when more is written to it.
  const more = setInterval(() => socket.write(list), 100);
  await closed;
  clearInterval(more);
});
