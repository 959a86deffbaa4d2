import { createServer, type AddressInfo } from 'node:net';
import { ask, askRaw, wire, type Reply } from '../client.js';
import { house, PREDICT, queryOf, HOUSE } from '../houses.js';
import { Redis, redisExecutable } from '../redis.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const executable = redisExecutable();
const withRedis = executable === undefined ? test.skip : test;

let server: Server;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: temporaryFolder() });
});

async function someAnswers(): Promise<Reply[]> {
  const asked = await Promise.all([
    ask(server, PREDICT, { body: HOUSE }),
    ask(server, PREDICT, { body: '{' }),
    ask(server, '/nowhere'),
    ask(server, '/docs'),
    ask(server, '/openapi.json'),
    ask(server, '/health/live'),
    ask(server, '/v2'),
    ask(server, '/v1/models', { method: 'DELETE' }),
  ]);
  return [...asked, await askRaw(server, 'no HTTP\r\n\r\n'), await askRaw(server, wire('GET', '/v1/models'))];
}

test('every answer forbids guessing its type, and says nothing of what serves it', async () => {
  for (const { headers } of await someAnswers()) {
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers.server).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  }
});

test('no other origin is let in', async () => {
  const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };
  for (const method of ['OPTIONS', 'POST']) {
    const reply = await ask(server, PREDICT, {
      method,
      headers,
      ...(method === 'POST' ? { body: HOUSE } : {}),
    });
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

test('the page of the documentation may load its own files only', async () => {
  const { headers, text } = await ask(server, '/docs');
  expect(headers['content-security-policy']).toMatch(
    /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
  );
  expect(text.match(/<script(?![^>]*\ssrc=)[^>]*>\s*[^\s<]/g)).toBeNull(); // none that the policy would forbid
  expect(text.match(/(?:src|href)="(?:https?:)?\/\//g)).toBeNull();
});

test('no address in a request is ever asked', async () => {
  let calls = 0;
  const listener = createServer((socket) => {
    calls++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/x`;
  const definition = { eventTime: 'time', windows: { w: { type: 'tumbling', size: '1m', aggregates: {} } } };
  await ask(server, '/v1/streams/s', { method: 'PUT', body: definition });
  const event = { specversion: '1.0', id: url, source: url, type: url, dataschema: url, time: '2026-01-31T12:00:10Z', data: { a: url } }; // prettier-ignore
  const taken = await ask(server, '/v1/streams/s/events', {
    body: JSON.stringify(event),
    headers: {
      'content-type': 'application/cloudevents+json',
      referer: url,
      'x-forwarded-host': url,
      traceparent: url,
    },
  });
  expect(taken.json).toMatchObject({ accepted: 1 });
  const load = `/v2/repository/models/${encodeURIComponent(url)}/load`;
  expect((await ask(server, load, { body: { parameters: { config: url, 'file:1/model.onnx': url } } })).status).toBeGreaterThanOrEqual(400); // prettier-ignore
  expect((await ask(server, url)).status).toBe(404); // as a proxy would be asked
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(calls).toBe(0);
  await new Promise((resolve) => listener.close(resolve));
});

withRedis('what others wrote into the shared cache is not answered', async () => {
  const redis = await Redis.start(executable!);
  try {
    const cached = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_CACHE_URL: redis.url });
    const path = `${PREDICT}?${queryOf(house(1))}`;
    await eventually('it is kept', async () =>
      (await ask(cached, path)).headers['cache-status'] === 'Oriel; hit' ? true : undefined,
    );
    const { json } = await ask(cached, path);
    const [, key = ''] = /(oriel1::\S+)/.exec(await redis.command('KEYS', 'oriel1::*')) ?? [];
    for (const text of [
      '',
      '{',
      'null',
      '{"value":{"__proto__":1}}',
      '[]',
      '{"value":"[1,2]"}',
      'x'.repeat(10_000),
    ]) {
      await redis.command('SET', key, text);
      const reply = await ask(cached, path);
      expect({ text, status: reply.status, prediction: (reply.json as { prediction: unknown }).prediction }).toEqual({ text, status: 200, prediction: (json as { prediction: unknown }).prediction }); // prettier-ignore
    }
    await cached.stop();
  } finally {
    await redis.kill();
  }
});
