import { JsonLogger } from './json-logger.js';

function logger(level = 'trace'): { log: JsonLogger; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const log = new JsonLogger(level, { write: (line) => void written.push(line) });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const SECRET = 'hunter2-hunter2';

describe('JsonLogger', () => {
  it('writes one line of JSON an entry, with its level, time, context and message', () => {
    const { log, lines } = logger();
    log.log('hello', 'Main');
    log.error({ msg: 'it failed', id: 7, err: new TypeError('why') }, 'Main');
    log.warn(new Error('as it is'));
    const [hello, failed, warned] = lines();
    expect(hello).toEqual({
      level: 'info',
      time: expect.any(String) as string,
      context: 'Main',
      msg: 'hello',
    });
    expect(failed).toMatchObject({
      level: 'error',
      msg: 'it failed',
      id: 7,
      err: { type: 'TypeError', message: 'why', stack: expect.stringContaining('TypeError: why') as string },
    });
    expect(warned).toMatchObject({ level: 'warn', msg: 'as it is', err: { message: 'as it is' } });
  });

  it("tells Nest's wiring at the level debug only, and nothing below its level", () => {
    const { log, lines } = logger('info');
    log.log('Mapped {/v1, GET} route', 'RouterExplorer');
    log.verbose('details');
    expect(lines()).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a header', { headers: { authorization: `Bearer ${SECRET}` } }],
    ['a header in capitals', { req: { headers: { Authorization: SECRET } } }],
    ['a header in a raw list', { raw: ['Authorization', `Basic ${SECRET}`] }],
    ['a cookie', { cookie: `session=${SECRET}`, headers: { 'set-cookie': [`session=${SECRET}`] } }],
    ['a key', { key: SECRET, apiKey: SECRET, api_key: SECRET, 'x-api-key': SECRET }],
    ['a password deep inside', { a: { b: { c: [{ d: { password: SECRET } }] } } }],
    ['a query parameter', { url: `/v1/models?a=1&key=${SECRET}&b=2` }],
    [
      'query parameters like it',
      { url: `/?api_key=${SECRET}&accessToken=${SECRET}&client-secret=${SECRET}` },
    ],
    ['the address of a cache', { url: `redis://user:${SECRET}@cache.test:6379/0` }],
    ['a message', `GET /v1/models?token=${SECRET} with Bearer ${SECRET}`],
    ['an error', { err: Object.assign(new Error(`no /x?key=${SECRET}`), { token: SECRET }) }],
    ['an error by itself', new Error(`Authorization: Bearer ${SECRET}`)],
    ['the cause of an error', { err: new Error('outer', { cause: new Error(`/x?key=${SECRET}`) }) }],
    ['what is too deep to look at', { a: { a: { a: { a: { a: { a: { a: { a: { a: SECRET } } } } } } } } }],
  ])('blacks out a secret in %s', (_where, message) => {
    const { log, lines } = logger();
    log.error(message, 'Http');
    const [line] = lines();
    expect(line).toMatchObject({ level: 'error', context: 'Http' });
    expect(JSON.stringify(line)).not.toContain(SECRET);
    expect(JSON.stringify(line)).toContain('[redacted]');
  });

  it('leaves alone what is no secret', () => {
    const { log, lines } = logger();
    const harmless = {
      monkey: 'a',
      keys: 3,
      url: '/v1/models/x?RM=1&monkey=2',
      at: 'http://127.0.0.1:8000/docs',
    };
    log.log({ msg: 'Oriel listens at http://127.0.0.1:8000', ...harmless, n: null, list: [1, true] });
    expect(lines()[0]).toMatchObject({ ...harmless, msg: 'Oriel listens at http://127.0.0.1:8000', n: null });
  });
});
