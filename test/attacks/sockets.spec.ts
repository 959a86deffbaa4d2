import type { Socket } from 'node:net';
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
