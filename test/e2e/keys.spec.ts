import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ask, askRaw, connected, wire, type Reply } from '../client.js';
import { ADMIN, basic, bearer, codeOf, filesWith, Guarded } from '../guarded.js';
import { HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const JSON_TYPE = { 'content-type': 'application/json' };

test('a key is told once, kept as a hash, outlives kill -9, and is none any more once it is revoked', async () => {
  const first = await Guarded.start();
  const made = await first.key({
    name: 'app',
    roles: ['predict'],
    models: ['boston-*'],
    expires: '2999-01-01T00:00:00+01:00',
  });
  await first.server.kill();
  expect(made).toMatchObject({
    name: 'app', roles: ['predict'], models: ['boston-*'], streams: null, expires: '2998-12-31T23:00:00.000Z', lastUsed: null,
  }); // prettier-ignore
  expect(filesWith(first.folder, made.key.slice(6))).toEqual([]);
  expect(filesWith(first.folder, ADMIN)).toEqual([]);

  const guarded = await Guarded.start({ ORIEL_DATA: first.folder });
  expect((await guarded.as(made.key, PREDICT, { body: HOUSE })).status).toBe(200);
  const listed = await guarded.admin('/v1/keys');
  const { key, lastUsed: _never, ...rest } = made;
  expect(listed.json).toEqual({ items: [{ ...rest, lastUsed: expect.any(String) as string }] });
  expect(listed.text).not.toContain(key);
  const at = Date.parse((listed.json as { items: { lastUsed: string }[] }).items[0]?.lastUsed ?? '');
  expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
  expect((await guarded.admin(`/v1/keys/${made.id}`)).json).toMatchObject({ name: 'app' });

  expect((await guarded.admin(`/v1/keys/${made.id}`, { method: 'DELETE' })).status).toBe(204);
  const after = await guarded.as(made.key, PREDICT, { body: HOUSE });
  expect([after.status, codeOf(after)]).toEqual([401, 'invalid-credentials']);
  expect((await guarded.admin(`/v1/keys/${made.id}`, { method: 'DELETE' })).status).toBe(404);
  expect((await guarded.admin('/v1/audit/verify')).json).toMatchObject({ valid: true });
  await guarded.server.stop();
  expect(filesWith(first.folder, made.key.slice(6))).toEqual([]);
  expect(guarded.server.stderr + guarded.server.stdout).not.toMatch(new RegExp(`${ADMIN}|${made.key}`));
});

test('when a key was used is kept over a restart', async () => {
  const first = await Guarded.start();
  const { key } = await first.key({ name: 'app', roles: ['predict'] });
  await first.as(key, PREDICT, { body: HOUSE });
  await first.server.stop();
  const guarded = await Guarded.start({ ORIEL_DATA: first.folder });
  const { json } = await guarded.admin('/v1/keys');
  expect(json).toMatchObject({ items: [{ name: 'app', lastUsed: expect.any(String) as string }] });
});

test('that the last key is revoked opens nothing, also not after a restart without one', async () => {
  const folder = temporaryFolder();
  const open = await Server.start({ ORIEL_DATA: folder });
  expect((await ask(open, '/v1/models')).status).toBe(200);
  const { json } = await ask(open, '/v1/keys', { body: { name: 'only', roles: ['admin'] } });
  const { id, key } = json as { id: string; key: string };
  expect((await ask(open, '/v1/models')).status).toBe(401);
  expect((await ask(open, `/v1/keys/${id}`, { method: 'DELETE', headers: bearer(key) })).status).toBe(204);
  expect((await ask(open, '/v1/models')).status).toBe(401);
  expect((await ask(open, '/v1/models', { headers: bearer(key) })).status).toBe(401);
  await open.stop();
  const again = await Server.start({ ORIEL_DATA: folder, ORIEL_HOST: '0.0.0.0' });
  expect((await ask(again, '/v1/models')).status).toBe(401);
  expect((await ask(again, '/v1/keys', { body: { name: 'mine', roles: ['admin'] } })).status).toBe(401);
});

test('to revoke a key that never was shuts out nobody', async () => {
  const open = await Server.start({ ORIEL_DATA: temporaryFolder() });
  const gone = await ask(open, '/v1/keys/01a209df-bf55-7f4b-8d05-26c524dcf9b8', { method: 'DELETE' });
  expect([gone.status, codeOf(gone)]).toEqual([404, 'unknown-key']);
  expect((await ask(open, '/v1/models')).status).toBe(200);
});

test('lists keys page by page, refuses a name twice, and more keys than there may be', async () => {
  const guarded = await Guarded.start({ ORIEL_KEYS: '3' });
  for (const name of ['a', 'b', 'c']) await guarded.key({ name, roles: ['read'] });
  const refused = async (name: string): Promise<unknown> => {
    const reply = await guarded.admin('/v1/keys', { body: { name, roles: ['read'] } });
    return [reply.status, codeOf(reply)];
  };
  expect(await refused('a')).toEqual([409, 'key-exists']);
  expect(await refused('admin')).toEqual([409, 'key-exists']);
  expect(await refused('d')).toEqual([409, 'too-many-keys']);
  const names: string[] = [];
  for (let path: string | undefined = '/v1/keys?limit=2'; path !== undefined;) {
    const { json, headers } = await guarded.admin(path);
    names.push(...(json as { items: { name: string }[] }).items.map(({ name }) => name));
    path = /^<([^>]+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
  }
  expect(names).toEqual(['a', 'b', 'c']);
});

test('a key ends when it says', async () => {
  const guarded = await Guarded.start();
  const expires = Date.now() + 1500;
  const { key } = await guarded.key({ name: 'short', roles: ['read'], expires });
  expect((await guarded.as(key, '/v1/models')).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, expires - Date.now() + 1));
  expect((await guarded.as(key, '/v1/models')).status).toBe(401);
});

describe('before the body', () => {
  let guarded: Guarded;
  beforeAll(async () => {
    guarded = await Guarded.start({ ORIEL_LOGIN_FAILURES: '0' });
  });

  test.each([
    ['a key that is none', bearer('not-a-key-at-all'), 401],
    ['no key', {}, 401],
  ])(
    'who comes with %s is refused by the head alone, and asked for no body',
    async (_what, headers, status) => {
      const head = { ...JSON_TYPE, ...headers, 'content-length': 5_000_000 };
      const plain = await askRaw(guarded.server, wire('POST', PREDICT, head));
      expect(plain.status).toBe(status);
      const expecting = await askRaw(
        guarded.server,
        wire('POST', PREDICT, { ...head, expect: '100-continue' }),
      );
      expect(expecting.status).toBe(status);
      const chunked = { ...JSON_TYPE, ...headers, 'transfer-encoding': 'chunked' };
      expect((await askRaw(guarded.server, wire('POST', PREDICT, chunked))).status).toBe(status);
      const large = await askRaw(
        guarded.server,
        wire('POST', PREDICT, { ...head, 'content-length': 2 ** 40 }),
      );
      expect(large.status).toBe(status);
    },
  );

  test('who may ask is told to go on', async () => {
    const body = JSON.stringify(HOUSE);
    const socket = await connected(guarded.server);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    const head = { ...JSON_TYPE, ...bearer(ADMIN), 'content-length': body.length, expect: '100-continue' };
    socket.write(wire('POST', PREDICT, head));
    await eventually('it may go on', () => (text.includes('HTTP/1.1 100') ? true : undefined));
    socket.write(body);
    await eventually('it is answered', () => (text.includes('"prediction"') ? true : undefined));
    socket.destroy();
  });
});

test('says how many requests are left, and refuses what is too much, each principal for itself', async () => {
  const guarded = await Guarded.start({ ORIEL_RATE_LIMIT: '3/1h', ORIEL_PUBLIC: 'models' });
  const { key } = await guarded.key({ name: 'app', roles: ['read'] });
  const replies: Reply[] = [];
  for (let i = 0; i < 4; i++) replies.push(await guarded.as(key, '/v1/models'));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(replies.map(({ headers }) => headers['ratelimit-policy'])).toEqual(
    Array(4).fill('"default";q=3;w=3600'),
  );
  expect(replies.map(({ headers }) => String(headers.ratelimit).split(';t=')[0])).toEqual([
    '"default";r=2', '"default";r=1', '"default";r=0', '"default";r=0',
  ]); // prettier-ignore
  const over = replies[3]!;
  expect(codeOf(over)).toBe('rate-limited');
  expect(Number(over.headers['retry-after'])).toBe(Number(String(over.headers.ratelimit).split(';t=')[1]));
  expect((await guarded.admin('/v1/models')).status).toBe(200);
  const anonymous = [];
  for (let i = 0; i < 4; i++) anonymous.push((await ask(guarded.server, '/v1/models')).status);
  expect(anonymous).toEqual([200, 200, 200, 429]);
  expect((await ask(guarded.server, '/health/live')).status).toBe(200);
});

/** Asks from another address of this machine. */
function askFrom(localAddress: string, { port }: Server, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/v1/models', headers, localAddress, agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('wrong credentials are looked at only so often from one address, and shut out nobody elsewhere', async () => {
  const guarded = await Guarded.start({ ORIEL_LOGIN_FAILURES: '3/1h' });
  const wrong = bearer('wrong-but-long-enough');
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push(await askFrom('127.0.0.2', guarded.server, wrong));
  expect(statuses).toEqual([401, 401, 401, 429]);
  // A key that was not used yet may be a guess as well; one that was right before is none.
  const { key } = await guarded.key({ name: 'new', roles: ['read'] });
  expect(await askFrom('127.0.0.2', guarded.server, bearer(key))).toBe(429);
  expect(await askFrom('127.0.0.3', guarded.server, bearer(key))).toBe(200);
  expect(await askFrom('127.0.0.2', guarded.server, bearer(key))).toBe(200);
  const { json } = await guarded.admin('/v1/audit/requests?status=429');
  expect(json).toMatchObject({
    items: [{ problem: 'too-many-failures', principal: null, outcome: 'rejected' }, {}],
  });
});

test('the address of a client is believed only from a proxy that is named', async () => {
  const guarded = await Guarded.start({ ORIEL_TRUST_PROXY: '127.0.0.2', ORIEL_LOGIN_FAILURES: '1/1h' });
  const from = (client: string, proxy: string, key: string): Promise<number> =>
    askFrom(proxy, guarded.server, { ...bearer(key), 'x-forwarded-for': client });
  expect(await from('10.0.0.1', '127.0.0.2', 'wrong-but-long-enough')).toBe(401);
  expect(await from('10.0.0.1', '127.0.0.2', ADMIN)).toBe(429);
  expect(await from('10.0.0.2', '127.0.0.2', ADMIN)).toBe(200);
  expect(await from('10.0.0.1', '127.0.0.3', ADMIN)).toBe(200);
});

test('curl says who it is as it is used to', async () => {
  const guarded = await Guarded.start();
  const { key } = await guarded.key({ name: 'app', roles: ['read'] });
  const curl = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', ...words])).stdout;
  const url = `${guarded.server.url}/v1/models`;
  expect(await curl('-u', `app:${key}`, url)).toBe('200');
  expect(await curl('--oauth2-bearer', key, url)).toBe('200');
  expect(await curl('-u', `other:${key}`, url)).toBe('401');
  expect(
    (await ask(guarded.server, '/v1/models', { headers: basic('app', key), method: 'HEAD' })).status,
  ).toBe(200);
  expect((await ask(guarded.server, '/v1/models', { method: 'OPTIONS' })).status).toBe(401);
});

test('the admin key may come from a file, which the environment then does not show', async () => {
  const file = join(temporaryFolder(), 'oriel-admin-key');
  writeFileSync(file, `${ADMIN}\n`); // as an editor and `echo` end it
  const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_ADMIN_KEY_FILE: file });
  expect((await ask(server, '/v1/keys')).status).toBe(401);
  expect((await ask(server, '/v1/keys', { headers: bearer(ADMIN) })).status).toBe(200);
  expect((await ask(server, '/v1/keys', { headers: bearer(`${ADMIN}x`) })).status).toBe(401);
  expect(server.stderr + server.stdout).not.toContain(ADMIN);

  const { end, stderr } = await Server.startInVain({
    ORIEL_DATA: temporaryFolder(),
    ORIEL_ADMIN_KEY_FILE: join(file, 'none'),
  });
  expect(end.code).toBe(1);
  expect(stderr).toMatch(/ORIEL_ADMIN_KEY_FILE is ".*", which cannot be read \(ENOTDIR\)/);
});
