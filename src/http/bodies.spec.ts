import type { FastifyInstance } from 'fastify';
import { gzipSync } from 'node:zlib';
import { readSettings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { BodyStream } from './bodies.js';
import { LET_IN } from './front-door.js';
import type { MediaTypes } from './media-types.js';
import { createHttpServer } from './server.js';

const LIMIT = 1000;
const SETTINGS = { ...readSettings({}), bodyLimit: LIMIT };

/** How a route with these types gets a body. */
async function serverWith(config: MediaTypes): Promise<{ server: FastifyInstance; url: string }> {
  const { adapter, door } = await createHttpServer(SETTINGS);
  door.keep(LET_IN);
  const server: FastifyInstance = adapter.getInstance();
  server.setErrorHandler((error, _request, reply) => {
    const code = error instanceof OrielError ? error.code : (error as { code?: string }).code;
    void reply.code(400).send({ code });
  });
  server.post('/body', { config }, async ({ body }) => {
    if (!(body instanceof BodyStream)) return { whole: body };
    let length = 0;
    for await (const chunk of body.bytes) length += (chunk as Buffer).length;
    return { streamed: body.type, length };
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as { port: number };
  return { server, url: `http://127.0.0.1:${port}/body` };
}

describe('a route that takes JSON whole and CSV as it comes', () => {
  let server: FastifyInstance;
  let url: string;

  beforeAll(async () => {
    ({ server, url } = await serverWith({ streams: ['text/csv'] }));
  });
  afterAll(() => server.close());

  async function send(type: string, body: string | Buffer, headers = {}): Promise<unknown> {
    const reply = await fetch(url, { method: 'POST', headers: { 'content-type': type, ...headers }, body });
    return reply.json();
  }

  test('gets its JSON parsed, up to the limit', async () => {
    expect(await send('application/json', '{"a":1}')).toEqual({ whole: { a: 1 } });
    expect(await send('application/json', ' '.repeat(LIMIT + 1))).toEqual({
      code: 'body-too-large',
    });
  });

  test('gets a CSV of any length, unread, with the name of its kind', async () => {
    const body = 'a,b\n'.repeat(100 * LIMIT);
    const streamed = { streamed: 'text/csv', length: body.length };
    expect(await send('text/csv', body)).toEqual(streamed);
    expect(await send('Text/CSV; charset=utf-8', body)).toEqual(streamed);
    expect(await send('text/csv', gzipSync(body), { 'content-encoding': 'gzip' })).toEqual(streamed);
  });

  test.each(['application/x-ndjson', 'application/octet-stream', 'application/vnd.oriel.streamed'])(
    'refuses %s',
    async (type) => expect(await send(type, 'x')).toEqual({ code: 'unsupported-media-type' }),
  );
});

test('a route that says nothing takes JSON only', async () => {
  const { server, url } = await serverWith({});
  const headers = { 'content-type': 'text/csv' };
  const reply = await fetch(url, { method: 'POST', headers, body: 'a,b' });
  expect(await reply.json()).toEqual({ code: 'unsupported-media-type' });
  await server.close();
});
