import type { FastifyInstance } from 'fastify';
import { readSettings } from '../config/settings.js';
import { OrielError } from '../errors.js';
import { LET_IN } from './front-door.js';
import { createHttpServer, type HttpServer } from './server.js';
import { sendProblem } from './send-problem.js';

const SETTINGS = { ...readSettings({}), bodyLimit: 1000 };
const FULL = new OrielError('unavailable', 'queue-full', 'The house is full.', { retryAfter: 1.2 });

describe('a problem', () => {
  let http: HttpServer;
  let server: FastifyInstance;
  let refusal: OrielError | undefined;

  beforeAll(async () => {
    http = await createHttpServer(SETTINGS);
    http.door.keep(LET_IN);
    server = http.adapter.getInstance();
    http.gate.keep({
      pass: (_request, _reply, done) => done(refusal),
      passBroken: (_broken, done) => done(refusal),
    });
    const answer = { etag: '"1"', 'cache-control': 'public, max-age=3600', link: '</next>; rel="next"' };
    server.get('/answered', (_request, reply) => reply.headers(answer).send({ a: 1 }));
    server.get('/refused', (request, reply) =>
      sendProblem(reply.headers(answer), FULL, request.context?.id ?? ''),
    );
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    refusal = undefined;
  });

  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${(server.server.address() as { port: number }).port}${path}`);

  function expectFull(reply: Response): void {
    expect(reply.status).toBe(503);
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(reply.headers.get('retry-after')).toBe('2');
    expect(reply.headers.get('cache-control')).toBe('no-store');
    for (const name of ['etag', 'link']) expect([name, reply.headers.get(name)]).toEqual([name, null]);
  }

  it('says nothing of the answer that a handler did not get to give', async () => {
    const reply = await get('/refused');
    expectFull(reply);
    expect(await reply.json()).toMatchObject({ code: 'queue-full', status: 503 });
  });

  it('takes the place of an answer that may not leave, in the same form', async () => {
    expect((await get('/answered')).headers.get('etag')).toBe('"1"');
    refusal = FULL;
    const reply = await get('/answered');
    expectFull(reply);
    expect(await reply.json()).toMatchObject({
      code: 'queue-full',
      instance: `/v1/audit/requests/${reply.headers.get('x-request-id')}`,
    });
  });

  it('says which status it has also where Fastify itself found the fault', async () => {
    const reply = await get('/%zz');
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ code: 'malformed-url', status: 400 });
  });
});
