import { ask, recordOf, type Reply } from '../client.js';
import { house, PREDICT, queryOf } from '../houses.js';
import { Redis, redisExecutable } from '../redis.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const executable = redisExecutable();
if (executable === undefined) console.log('skipped: there is no redis-server on the PATH'); // and Jest counts it so
const withRedis = executable === undefined ? describe.skip : describe;

withRedis('a cache in Redis', () => {
  let redis: Redis;
  let server: Server;
  let asked = 0;

  const start = (): Promise<Server> =>
    Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_CACHE_URL: redis.url, ORIEL_CACHE_TTL: '10m' });
  const predict = (n: number, of = server): Promise<Reply> => ask(of, `${PREDICT}?${queryOf(house(n))}`);
  const use = ({ headers }: Reply): unknown => headers['cache-status'];
  /** A question that nobody asked before. */
  const fresh = (): number => ++asked;
  const cacheHealth = async (): Promise<Record<string, unknown>> => {
    const { status, json } = await ask(server, '/health');
    expect(status).toBe(200);
    return (json as { details: { cache: Record<string, unknown> } }).details.cache;
  };
  const healthIs = (status: string): Promise<unknown> =>
    eventually(`the cache is ${status}`, async () =>
      (await cacheHealth()).status === status ? true : undefined,
    );

  beforeAll(async () => {
    redis = await Redis.start(executable!);
    server = await start();
    await eventually('the cache is in use', async () => {
      const n = fresh();
      await predict(n);
      return use(await predict(n)) === 'Oriel; hit' ? true : undefined;
    });
  });
  afterAll(async () => redis.kill());

  test('an answer is kept with a time to live, under a key that tells nothing of the question', async () => {
    await redis.command('FLUSHALL');
    const n = fresh();
    const first = await predict(n);
    expect(use(first)).toBe('Oriel; fwd=miss; stored');
    const second = await eventually('it is kept', async () => {
      const reply = await predict(n);
      return use(reply) === 'Oriel; hit' ? reply : undefined;
    });
    const { id: _first, ...one } = first.json as { id: string };
    const { id: _second, ...other } = second.json as { id: string };
    expect(other).toEqual(one);
    expect(await recordOf(server, second)).toMatchObject({ cache: 'hit', status: 200 });

    const keys = (await redis.command('KEYS', '*')).split('\r\n').filter((line) => line.includes('/'));
    expect(keys).toEqual([expect.stringMatching(/^oriel1::[0-9a-f]{16}\/[A-Za-z0-9_-]{43}$/)]);
    const ttl = Number(/^:(\d+)/.exec(await redis.command('PTTL', keys[0]!))?.[1]);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(600_000);
    expect(await cacheHealth()).toMatchObject({ status: 'up' });
  });

  test('another server, and the next one after a restart, find what was kept', async () => {
    const n = fresh();
    await predict(n);
    const other = await start();
    await eventually('the other finds it', async () =>
      use(await predict(n, other)) === 'Oriel; hit' ? true : undefined,
    );
    await other.stop();
    await server.stop();
    server = await start();
    await eventually('the next finds it', async () =>
      use(await predict(n)) === 'Oriel; hit' ? true : undefined,
    );
  });

  test('a Redis that hangs delays few questions, and none of them for long', async () => {
    redis.signal('SIGSTOP');
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const from = performance.now();
      const reply = await predict(fresh());
      times.push(performance.now() - from);
      expect(reply.status).toBe(200);
    }
    expect(times.reduce((sum, ms) => sum + ms)).toBeLessThan(2000); // 20 times 50 ms would be as much by themselves
    await healthIs('degraded');
    expect(server.stderr.match(/the shared cache fails/g)).toHaveLength(1);
    redis.signal('SIGCONT');
    await healthIs('up');
    expect(server.stderr).toContain('the shared cache is in use again');
  });

  test('a Redis that dies fails no question, and is used again when it comes back', async () => {
    await redis.kill();
    const replies = await Promise.all(Array.from({ length: 20 }, () => predict(fresh())));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    await healthIs('degraded');
    await redis.open();
    await healthIs('up');
    const n = fresh();
    await predict(n);
    await eventually('it is kept again', async () =>
      use(await predict(n)) === 'Oriel; hit' ? true : undefined,
    );
  });

  test('a server starts and leaves without its Redis', async () => {
    await redis.kill();
    const other = await start();
    expect((await predict(fresh(), other)).status).toBe(200);
    await other.stop();
    await redis.open();
  });
});

test('an address that is none is refused at the start, without a word of it', async () => {
  const { end, stderr } = await Server.startInVain({
    ORIEL_DATA: temporaryFolder(),
    ORIEL_CACHE_URL: 'http://:pass@host',
  });
  expect(end.code).not.toBe(0);
  expect(stderr).toContain('ORIEL_CACHE_URL is wrong: it must be redis://… or rediss://….');
  expect(stderr).not.toContain('pass@');
});
