/** How the server ends, and what does not end it. */
import { writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { CARS, DEFINITION } from '../cars.js';
import { ask, connected, wire, type Reply } from '../client.js';
import { EventReader } from '../events.js';
import { RecordFile } from '../faults/chain-check.js';
import { fill } from '../filled.js';
import { house, HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const PRELOAD = join(import.meta.dirname, '../faults/preload.mjs');
const idOf = ({ headers }: Reply): string => headers['x-request-id'] as string;

/** A request whose answer is not read until told to. */
function begin(server: Server, method: string, path: string, headers = {}): { outgoing: ReturnType<typeof request>; response: Promise<IncomingMessage> } {
  const outgoing = request({ host: '127.0.0.1', port: server.port, method, path, headers, agent: false });
  const response = new Promise<IncomingMessage>((resolve) => outgoing.once('response', resolve));
  outgoing.on('error', () => undefined);
  return { outgoing, response };
} // prettier-ignore

/** @returns whether the answer came whole */
async function ended(incoming: IncomingMessage): Promise<boolean> {
  incoming.on('error', () => undefined).resume();
  if (!incoming.closed) await new Promise((closed) => incoming.once('close', closed));
  return incoming.complete;
}

test('at SIGTERM live readers end in order, and what does not end in time is cut off so that its client sees it', async () => {
  const folder = temporaryFolder();
  await fill(folder, 20_000, 3000);
  const server = await Server.start({ ORIEL_DATA: folder, ORIEL_SHUTDOWN_TIMEOUT: '1500ms' });
  await ask(server, CARS, { method: 'PUT', body: DEFINITION });
  const live = await EventReader.open(server, `${CARS}/live`);
  const download = begin(server, 'GET', '/v1/audit/export');
  download.outgoing.end();
  const bulk = begin(server, 'POST', PREDICT, { 'content-type': 'application/x-ndjson' });
  bulk.outgoing.write(`${JSON.stringify(HOUSE)}\n`.repeat(2000));
  const [exported, answered] = await Promise.all([download.response, bulk.response]);
  expect([exported.statusCode, answered.statusCode]).toEqual([200, 200]);
  server.signal('SIGTERM');
  await eventually('the live reader is told', () => (live.ended ? true : undefined));
  expect(await server.exit).toEqual({ code: 0, signal: null });
  expect(await Promise.all([ended(exported), ended(answered)])).toEqual([false, false]);
  expect(server.stderr).toMatch(/2 connections were cut off \(ORIEL_SHUTDOWN_TIMEOUT\)/);
  expect(server.stderr).toContain('everything is on disk; goodbye');
  const file = new RecordFile(folder);
  expect(file.missing([String(exported.headers['x-request-id']), String(answered.headers['x-request-id'])])).toEqual([]);
  file.check();
  file.close();
}); // prettier-ignore

test('an export that its client reads ends whole after SIGTERM', async () => {
  const folder = temporaryFolder();
  await fill(folder, 20_000, 3000);
  const server = await Server.start({ ORIEL_DATA: folder });
  const download = begin(server, 'GET', '/v1/audit/export');
  download.outgoing.end();
  const exported = await download.response;
  server.signal('SIGTERM');
  await eventually('it is leaving', () => (server.stderr.includes('shutting down') ? true : undefined));
  expect(await ended(exported)).toBe(true);
  expect(await server.exit).toEqual({ code: 0, signal: null });
});

test.each(['SIGUSR1', 'SIGUSR2', 'SIGHUP', 'SIGPIPE'] as const)('%s does not end it', async (signal) => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder() });
  server.signal(signal);
  if (signal !== 'SIGPIPE')
    await eventually('it is told', () => (server.stderr.includes(signal) ? true : undefined));
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  expect(server.stderr).not.toContain('Debugger listening');
  await server.stop();
});

describe('an error that nobody caught', () => {
  test.each(['throw', 'reject'])('(%s) is logged, all that was answered is on disk, and it leaves with 70', async (way) => {
    const folder = temporaryFolder();
    const server = await Server.start({
      ORIEL_DATA: folder,
      FAULTS_FOLDER: folder,
      NODE_OPTIONS: `--import=${PRELOAD}`,
    });
    const answered: string[] = [];
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let n = client; server.running; n += 8) {
        const reply = await ask(server, PREDICT, { body: house(n) }).catch(() => null);
        if (reply?.status === 200) answered.push(idOf(reply));
        else if (reply) expect([reply.status, reply.json]).toMatchObject([503, { code: 'leaving' }]);
      }
    });
    await eventually('it is under load', () => (answered.length > 100 ? true : undefined));
    writeFileSync(join(folder, 'die-main'), way);
    expect(await server.exit).toEqual({ code: 70, signal: null });
    await Promise.all(clients);
    const line = server.stderr.split('\n').find((text) => text.includes('that nobody caught')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      level: 'fatal',
      err: { message: 'the test ends this thread', stack: expect.stringContaining('preload.mjs') as string },
    });
    const file = new RecordFile(folder);
    expect(file.missing(answered)).toEqual([]);
    file.check();
    file.close();
  }); // prettier-ignore

  test('ends the process also where a client does not end its request', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({
      ORIEL_DATA: folder,
      FAULTS_FOLDER: folder,
      NODE_OPTIONS: `--import=${PRELOAD}`,
      ORIEL_FLUSH_TIMEOUT: '1s',
    });
    const socket = await connected(server);
    socket.write(wire('POST', PREDICT, { 'content-type': 'application/json', 'content-length': 100 }));
    writeFileSync(join(folder, 'die-main'), 'throw');
    expect(await server.exit).toEqual({ code: 70, signal: null });
  });
});
