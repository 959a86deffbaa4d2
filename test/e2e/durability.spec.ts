import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { ask, connected, records, wire } from '../client.js';
import { house, HOUSE, houses, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const CANARY = '/v1/models/boston-housing/labels/canary/predict';

/** How often each id is on record. */
async function counted(server: Server): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { id } of (await records(server)) as { id: string }[]) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function crashed({ signal }: AbortController): boolean {
  return signal.aborted;
}

/** An upload whose headers the server has, and whose body it waits for. */
async function openUpload(
  server: Server,
  path: string,
  body: string,
): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = await connected(server);
  let text = '';
  const answer = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'keep-alive',
    expect: '100-continue',
  };
  socket.write(wire('POST', path, headers));
  await new Promise<void>((proceed) => {
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text.includes('100 Continue')) proceed();
    });
  });
  return { socket, answer };
}

function leaving(server: Server): Promise<true> {
  return eventually('the server is leaving', () =>
    server.stderr.includes('shutting down') ? true : undefined,
  );
}

test('what was answered before a crash is on record exactly once', async () => {
  const folder = temporaryFolder();
  const answered: string[] = [];
  for (let round = 1; round <= 3; round++) {
    const server = await Server.start({ ORIEL_DATA: folder });
    const goal = answered.length + 150 * round;
    const crash = new AbortController();
    const clients = Array.from({ length: 8 }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let n = 0; !crashed(crash); n++) {
        try {
          const { status, headers, json } = await ask(server, PREDICT, {
            body: house(8 * n + client),
            agent,
          });
          expect(status).toBe(200);
          expect((json as { id: string }).id).toBe(headers['x-request-id']);
          answered.push((json as { id: string }).id);
        } catch (error) {
          if (!crashed(crash)) throw error;
        }
      }
      agent.destroy();
    });
    await eventually('enough is answered', () => (answered.length >= goal ? true : undefined));
    crash.abort();
    await server.kill();
    await Promise.all(clients);
    const again = await Server.start({ ORIEL_DATA: folder });
    const counts = await counted(again);
    expect(answered.filter((id) => counts.get(id) !== 1)).toEqual([]);
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
    await again.stop();
  }
  expect(new Set(answered).size).toBe(answered.length);
});

test('requests in flight at SIGTERM are answered and recorded, and the server leaves cleanly', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder, ORIEL_QUEUE_ROWS: '100000' });
  const body = JSON.stringify(houses(3000));
  const uploads = await Promise.all(Array.from({ length: 6 }, () => openUpload(server, CANARY, body)));
  await Promise.all(
    uploads.map(({ socket }) => new Promise<void>((sent) => socket.write(body, () => sent()))),
  );
  server.signal('SIGTERM');
  const ids = (await Promise.all(uploads.map(({ answer }) => answer))).map((text) => {
    expect(text).toMatch(/HTTP\/1\.1 200 OK/);
    expect(text).toMatch(/\}$/);
    return /^x-request-id: (\S+)/m.exec(text)?.[1];
  });
  expect(await server.exit).toEqual({ code: 0, signal: null });
  const again = await Server.start({ ORIEL_DATA: folder });
  const counts = await counted(again);
  expect(ids.map((id) => counts.get(id!))).toEqual(ids.map(() => 1));
  await again.stop();
});

test('a slow upload at SIGTERM is waited for, answered and recorded', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder });
  const body = JSON.stringify(HOUSE);
  const { socket, answer } = await openUpload(server, PREDICT, body);
  socket.write(body.slice(0, 50));
  server.signal('SIGTERM');
  await leaving(server);
  await eventually('nobody else is let in', () =>
    connected(server).then(
      (other) => void other.destroy(),
      () => true,
    ),
  );
  expect(server.running).toBe(true);
  socket.write(body.slice(50));
  const text = await answer;
  expect(text).toMatch(/HTTP\/1\.1 200 OK/);
  expect(text).toMatch(/^connection: close/im);
  expect(await server.exit).toEqual({ code: 0, signal: null });
  const again = await Server.start({ ORIEL_DATA: folder });
  expect((await counted(again)).get(/^x-request-id: (\S+)/m.exec(text)![1]!)).toBe(1);
  await again.stop();
});

test('readiness fails as soon as SIGTERM comes, while requests are still taken and those in flight end', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_SHUTDOWN_DELAY: '3s' });
  expect((await ask(server, '/health/ready')).status).toBe(200);
  const body = JSON.stringify(HOUSE);
  const upload = await openUpload(server, PREDICT, body);
  server.signal('SIGTERM');
  await leaving(server);
  const ready = await ask(server, '/health/ready');
  expect(ready.status).toBe(503);
  expect(ready.json).toMatchObject({ status: 'error', details: { process: { status: 'down' } } });
  expect((await ask(server, '/v2/health/ready')).status).toBe(400);
  expect((await ask(server, '/ping')).status).toBe(503);
  expect((await ask(server, '/health/live')).status).toBe(200);
  const { status, headers } = await ask(server, PREDICT, { body: HOUSE });
  expect(status).toBe(200);
  expect(headers.connection).toBe('close');
  upload.socket.write(body);
  expect(await upload.answer).toMatch(/HTTP\/1\.1 200 OK/);
  expect(await server.exit).toEqual({ code: 0, signal: null });
  expect(server.stderr).toContain('everything is on disk; goodbye');
});

test('a client that never ends its upload does not hold the server for ever', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_SHUTDOWN_TIMEOUT: '500ms' });
  const { socket } = await openUpload(server, PREDICT, JSON.stringify(HOUSE));
  server.signal('SIGTERM');
  expect(await server.exit).toEqual({ code: 0, signal: null });
  expect(server.stderr).toContain('1 connections were cut off (ORIEL_SHUTDOWN_TIMEOUT)');
  expect(server.stderr).toContain('everything is on disk; goodbye');
  socket.destroy();
});

test('a second SIGTERM ends it at once', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder() });
  const { socket } = await openUpload(server, PREDICT, JSON.stringify(HOUSE));
  server.signal('SIGTERM');
  await leaving(server);
  await new Promise((resolve) => setTimeout(resolve, 200)); // sooner it would be the same order, heard twice
  expect(server.running).toBe(true);
  server.signal('SIGTERM');
  const { code } = await server.exit;
  expect(code).not.toBe(0);
  socket.destroy();
});

test('idle connections do not hold the server', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder() });
  const agent = new Agent({ keepAlive: true });
  await ask(server, PREDICT, { body: HOUSE, agent });
  const silent = await connected(server);
  await server.stop();
  silent.destroy();
  agent.destroy();
});

test('once its file is deleted the server gives no answer that would not be on record, and says so to the probe', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder });
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  rmSync(join(folder, 'oriel.db'));
  const refused = await ask(server, PREDICT, { body: HOUSE });
  expect(refused.status).toBe(503);
  expect(refused.json).toMatchObject({ code: 'not-recorded' });
  expect((await ask(server, '/health/ready')).status).toBe(503);
  await server.stop();
});
