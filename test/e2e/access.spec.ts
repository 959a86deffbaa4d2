import { ask, type Question } from '../client.js';
import { ADMIN, basic, bearer, codeOf, Guarded } from '../guarded.js';
import { HOUSE, PREDICT, queryOf } from '../houses.js';
import { MODELS, Server, temporaryFolder } from '../server.js';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROLES = ['predict', 'ingest', 'read', 'audit', 'admin'];
const CARS = {
  eventTime: 'time',
  windows: { minute: { type: 'tumbling', size: '1m', aggregates: { n: { op: 'count' } } } },
};

/** One request of each kind, and the roles that may make it. */
const KINDS: readonly [what: string, path: string, question: Question, roles: readonly string[]][] = [
  ['a prediction', PREDICT, { body: HOUSE }, ['predict']],
  ['a prediction by GET', `${PREDICT}?${queryOf(HOUSE)}`, {}, ['predict']],
  ['a prediction by QUERY', PREDICT, { method: 'QUERY', body: HOUSE }, ['predict']],
  ['a prediction by version', '/v1/models/boston-housing/versions/1/predict', { body: HOUSE }, ['predict']],
  ['instances', '/v1/models/boston-housing:predict', { body: { instances: [HOUSE] } }, ['predict']],
  ['an invocation', '/v1/models/boston-housing/invocations', { body: { dataframe_records: [HOUSE] } }, ['predict']],
  ['tensors', '/v2/models/boston-housing/infer', { body: {} }, ['predict']],
  ['the models', '/v1/models', {}, ['predict', 'read']],
  ['a model', '/v1/models/boston-housing', {}, ['predict', 'read']],
  ['metadata of the protocol', '/v2/models/boston-housing', {}, ['predict', 'read']],
  ['the index', '/v2/repository/index', { method: 'POST', body: {} }, ['predict', 'read']],
  ['quality', '/v1/models/boston-housing/quality', {}, ['read']],
  ['an outcome', '/v1/outcomes', { body: { prediction: 'x', value: 1 } }, ['ingest']],
  ['events', '/v1/streams/cars/events', { body: { time: 1 } }, ['ingest']],
  ['the streams', '/v1/streams', {}, ['read']],
  ['windows', '/v1/streams/cars/windows/minute', {}, ['read']],
  ['a replay', '/v1/streams/cars/replay', { body: { lateness: 0 } }, ['read']],
  ['the clock', '/v1/streams/cars/clock', {}, ['read']],
  ['a definition', '/v1/streams/cars', { method: 'PUT', body: CARS }, ['admin']],
  ['the record', '/v1/audit/requests?limit=1', {}, ['audit']],
  ['an export', '/v1/audit/export?from=2999-01-01T00:00:00Z', {}, ['audit']],
  ['the holds', '/v1/audit/holds', {}, ['audit']],
  ['a hold', '/v1/audit/holds', { body: {} }, ['admin']],
  ['the keys', '/v1/keys', {}, ['admin']],
  ['a key', '/v1/keys', { body: {} }, ['admin']],
  ['a load', '/v2/repository/models/nothing/load', { method: 'POST', body: {} }, ['admin']],
  ['health', '/health', {}, ['predict', 'read']],
  ['the figures', '/metrics', {}, ['read']],
  ['health of the protocol', '/v2/health/live', {}, ['predict', 'read']],
  ['the documentation', '/openapi.json', {}, ['predict', 'ingest', 'read', 'audit']],
  ['its page', '/docs', {}, ['predict', 'ingest', 'read', 'audit']],
  ['an unknown address', '/nowhere', {}, ROLES],
]; // prettier-ignore

describe('a server with keys', () => {
  let guarded: Guarded;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    guarded = await Guarded.start({ ORIEL_LOGIN_FAILURES: '0' });
    await guarded.admin('/v1/streams/cars', { method: 'PUT', body: CARS });
    for (const role of ROLES) keys[role] = (await guarded.key({ name: `the-${role}`, roles: [role] })).key;
  });

  test.each(KINDS)(
    'gives %s to the roles that may have it, and to no other',
    async (_what, path, question, roles) => {
      const without = await ask(guarded.server, path, question);
      expect([without.status, codeOf(without)]).toEqual([401, 'unauthenticated']);
      expect(String(without.headers['www-authenticate'])).toMatch(
        /^Bearer realm="Oriel".*Basic realm="Oriel"/,
      );
      const wrong = await guarded.as('wrong-but-long-enough', path, question);
      expect([wrong.status, codeOf(wrong)]).toEqual([401, 'invalid-credentials']);
      for (const role of ROLES) {
        const reply = await guarded.as(keys[role] ?? '', path, question);
        const may = role === 'admin' || roles.includes(role);
        expect([role, reply.status === 403]).toEqual([role, !may]);
        expect([role, reply.status === 401 || reply.status === 429]).toEqual([role, false]);
        if (!may) {
          expect(codeOf(reply)).toBe('missing-role');
          for (const needed of roles) expect(reply.text).toContain(needed);
        }
      }
    },
  );
});

interface Operation {
  security: Record<string, string[]>[];
}

test('every operation of the document is refused without a key, and with every role that it does not name', async () => {
  const guarded = await Guarded.start({ ORIEL_LOGIN_FAILURES: '0' });
  const { paths } = (await guarded.admin('/openapi.json')).json as {
    paths: Record<string, Record<string, Operation>>;
  };
  const keys = new Map<string, string>();
  for (const role of ROLES.slice(0, -1))
    keys.set(role, (await guarded.key({ name: `the-${role}`, roles: [role] })).key);
  let refused = 0;
  for (const [template, operations] of Object.entries(paths))
    for (const [name, { security }] of Object.entries(operations)) {
      const [path, method] = [template.replaceAll(/\{[^}]*\}/g, 'x'), name.toUpperCase()];
      const named = security.flatMap((one) => one.bearer ?? []);
      if (security.length === 0) continue;
      const without = await ask(guarded.server, path, { method });
      expect([method, path, without.status]).toEqual([method, path, 401]);
      for (const [role, key] of keys) {
        if (named.includes(role)) continue;
        const reply = await guarded.as(key, path, { method });
        expect([method, path, role, reply.status]).toEqual([method, path, role, 403]);
        if (method !== 'HEAD') expect(codeOf(reply)).toBe('missing-role');
        refused++;
      }
    }
  expect(refused).toBeGreaterThan(150);
});

describe('a key that is held to names', () => {
  let guarded: Guarded;
  let bound: string;
  const rows = { instances: [HOUSE] };

  beforeAll(async () => {
    const models = temporaryFolder();
    for (const name of ['boston-housing', 'secret-model'])
      cpSync(join(MODELS, 'boston-housing'), join(models, name), { recursive: true });
    guarded = await Guarded.start({ ORIEL_MODELS: models, ORIEL_LOGIN_FAILURES: '0' });
    for (const name of ['cars', 'secret-stream'])
      await guarded.admin(`/v1/streams/${name}`, { method: 'PUT', body: CARS });
    const roles = ['predict', 'ingest', 'read'];
    ({ key: bound } = await guarded.key({
      name: 'bound',
      roles,
      models: ['boston-*'],
      streams: ['c*', 'predictions'],
    }));
  });

  test.each<[string, Question]>([
    ['/v1/models/NAME', {}],
    ['/v1/models/NAME/versions/1', {}],
    ['/v1/models/NAME/labels/stable', {}],
    ['/v1/models/NAME/metadata', {}],
    ['/v1/models/NAME/ping', {}],
    ['/v1/models/NAME/quality', {}],
    ['/v1/models/NAME/predict', { body: HOUSE }],
    [`/v1/models/NAME/predict?${queryOf(HOUSE)}`, {}],
    ['/v1/models/NAME/predict', { method: 'QUERY', body: HOUSE }],
    ['/v1/models/NAME/versions/1/predict', { body: HOUSE }],
    ['/v1/models/NAME/labels/stable/predict', { body: HOUSE }],
    ['/v1/models/NAME:predict', { body: rows }],
    ['/v1/models/NAME/versions/1:predict', { body: rows }],
    ['/v1/models/NAME/labels/stable:predict', { body: rows }],
    ['/v1/models/NAME/invocations', { body: { dataframe_records: [HOUSE] } }],
    ['/v2/models/NAME', {}],
    ['/v2/models/NAME/ready', {}],
    ['/v2/models/NAME/config', {}],
    ['/v2/models/NAME/stats', {}],
    ['/v2/models/NAME/versions/1/stats', {}],
    ['/v2/models/NAME/infer', { body: {} }],
    ['/v2/models/NAME/versions/1/infer', { body: {} }],
  ])('asks %s of its models only, and learns nothing of others', async (path, question) => {
    const own = await guarded.as(bound, path.replace('NAME', 'boston-housing'), question);
    expect([200, 400]).toContain(own.status); // 400: tensors that say nothing
    for (const name of ['secret-model', 'no-such-model', '%73ecret-model']) {
      const other = await guarded.as(bound, path.replace('NAME', name), question);
      expect([name, other.status, codeOf(other)]).toEqual([name, 403, 'not-for-this']);
    }
  });

  test('sees only its own in lists and in the documentation', async () => {
    for (const [path, question] of [
      ['/v1/models', {}],
      ['/v2/models/stats', {}],
      ['/v2/repository/index', { method: 'POST', body: {} }],
      ['/v1/streams', {}],
      ['/openapi.json', {}],
    ] as const) {
      const { status, text } = await guarded.as(bound, path, question);
      expect([path, status, /boston-housing|cars/.test(text), /secret/.test(text)]).toEqual([
        path,
        200,
        true,
        false,
      ]);
      expect((await guarded.admin(path, question)).text).toContain('secret');
    }
  });

  test('has its streams only, and never the predictions of all models', async () => {
    for (const path of ['', '/clock', '/late', '/times', '/alarms', '/windows/minute', '/live']) {
      const other = await guarded.as(bound, `/v1/streams/secret-stream${path}`);
      expect([path, other.status, codeOf(other)]).toEqual([path, 403, 'not-for-this']);
    }
    expect((await guarded.as(bound, '/v1/streams/cars/events', { body: { time: 1 } })).status).toBe(200);
    expect((await guarded.as(bound, '/v1/streams/secret-stream/events', { body: { time: 1 } })).status).toBe(
      403,
    );
    expect((await guarded.as(bound, '/v1/streams/predictions/windows/minute')).status).toBe(403);
  });

  test('tells outcomes of its own predictions; others are not there', async () => {
    const ids = [];
    for (const name of ['boston-housing', 'secret-model']) {
      const { json } = await guarded.admin(`/v1/models/${name}/predict`, { body: HOUSE });
      ids.push((json as { id: string }).id);
    }
    const told = [...ids, '00000000-0000-7000-8000-000000000000'].map((prediction) => ({
      prediction,
      value: 1,
    }));
    const { json } = await guarded.as(bound, '/v1/outcomes', { body: told });
    const { accepted, rejected } = json as { accepted: number; rejected: { errors: unknown }[] };
    expect([accepted, rejected.length]).toEqual([1, 2]);
    expect(rejected[0]?.errors).toEqual(rejected[1]?.errors);
    expect((await guarded.admin('/v1/outcomes', { body: told })).json).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
  });
});

test('the record says who asked, also where they were refused', async () => {
  const guarded = await Guarded.start();
  const { key } = await guarded.key({ name: 'app', roles: ['predict'] });
  const asked = async (path: string, headers: Record<string, string>): Promise<unknown> => {
    const { status, principal, problem } = await guarded.record(await ask(guarded.server, path, { headers }));
    return [status, principal, problem];
  };
  expect(await asked('/v1/models', bearer(key))).toEqual([200, 'app', null]);
  expect(await asked('/v1/models', basic('app', key))).toEqual([200, 'app', null]);
  expect(await asked('/v1/models', basic('admin', ADMIN))).toEqual([200, 'admin', null]);
  expect(await asked('/v1/keys', bearer(key))).toEqual([403, 'app', 'missing-role']);
  expect(await asked('/v1/models', {})).toEqual([401, null, 'unauthenticated']);
  expect(await asked('/v1/models', bearer('oriel_wrong'))).toEqual([401, null, 'invalid-credentials']);
  expect(await asked('/v1/models', basic('other', key))).toEqual([401, null, 'invalid-credentials']);
  expect(await asked('/v1/models', { authorization: 'Digest x' })).toEqual([
    401,
    null,
    'invalid-credentials',
  ]);
});

test('the policy knows the roles of who asked', async () => {
  const file = join(temporaryFolder(), 'policy.json');
  const rules = [
    { level: 'none', roles: ['ingest'], methods: ['QUERY'] },
    { level: 'metadata', roles: ['read', 'ingest'] },
    { level: 'payload', roles: ['predict'], redact: ['/input/LSTAT'] },
    { level: 'payload', roles: ['admin'] },
    { level: 'metadata' },
  ];
  writeFileSync(file, JSON.stringify({ rules }));
  const guarded = await Guarded.start({ ORIEL_AUDIT_POLICY: file });
  const { key: app } = await guarded.key({ name: 'app', roles: ['predict'] });
  const { key: watched } = await guarded.key({ name: 'watched', roles: ['predict', 'read'] });
  const { key: feeder } = await guarded.key({ name: 'feeder', roles: ['predict', 'ingest'] });
  const kept = async (key: string, method = 'POST'): Promise<Record<string, unknown>> => {
    const reply = await guarded.as(key, PREDICT, { method, body: HOUSE });
    expect(reply.status).toBe(200);
    return guarded.record(reply);
  };

  const redacted = { input: { ...HOUSE, LSTAT: '[redacted]' }, redacted: ['input'] };
  expect(await kept(app)).toMatchObject({ principal: 'app', status: 200, ...redacted });
  expect(await kept(ADMIN)).toMatchObject({ principal: 'admin', status: 200, input: HOUSE });
  for (const [key, principal] of [
    [watched, 'watched'],
    [feeder, 'feeder'],
  ] as const) {
    const record = await kept(key);
    expect(record).toMatchObject({ principal, status: 200 });
    expect(record).not.toHaveProperty('input');
    expect(record).not.toHaveProperty('output');
  }
  expect(await kept(feeder, 'QUERY')).toMatchObject({ code: 'unknown-record' });
  expect(await kept(watched, 'QUERY')).toMatchObject({ principal: 'watched' });
  const refused = await guarded.record(await ask(guarded.server, PREDICT, { body: HOUSE }));
  expect(refused).toMatchObject({ principal: null, status: 401 });
  expect(refused).not.toHaveProperty('input');
});

test('one caller is not given what another was answered', async () => {
  const guarded = await Guarded.start({ ORIEL_CACHE: '1MiB' });
  const [{ key: one }, { key: two }] = [
    await guarded.key({ name: 'one', roles: ['predict'] }),
    await guarded.key({ name: 'two', roles: ['predict'] }),
  ];
  const statuses = [];
  for (const key of [one, two, one, two])
    statuses.push((await guarded.as(key, PREDICT, { body: HOUSE })).headers['cache-status']);
  expect(statuses.map((status) => /hit/.test(String(status)))).toEqual([false, false, true, true]);
});

test('what the operator opens needs no key, and all else does', async () => {
  const guarded = await Guarded.start({ ORIEL_PUBLIC: 'docs,predict' });
  const { server } = guarded;
  const statusOf = async (path: string, question: Question = {}): Promise<number> =>
    (await ask(server, path, question)).status;
  expect(await statusOf(PREDICT, { body: HOUSE })).toBe(200);
  expect(await statusOf('/v1/models')).toBe(200);
  expect(await statusOf('/docs')).toBe(200);
  expect(await statusOf('/openapi.json')).toBe(200);
  expect(await statusOf('/health')).toBe(401);
  expect(await statusOf('/v1/streams')).toBe(401);
  expect(await statusOf('/v1/audit/requests')).toBe(401);
  expect(await statusOf('/health/live')).toBe(200);
  expect(await statusOf('/health/ready', { headers: bearer('whatever-it-may-be') })).toBe(200);
  expect(await statusOf(PREDICT, { body: HOUSE, headers: bearer('whatever-it-may-be') })).toBe(401);
  const { key } = await guarded.key({ name: 'reader', roles: ['read'] });
  expect((await guarded.as(key, PREDICT, { body: HOUSE })).status).toBe(200);
});

test('the document says what is needed, where it is needed', async () => {
  const open = await Server.start({ ORIEL_DATA: temporaryFolder() });
  const free = (await ask(open, '/openapi.json')).text;
  expect(free).not.toMatch(/securitySchemes|"401"|"403"/);
  const guarded = await Guarded.start();
  const { json } = await guarded.admin('/openapi.json');
  const { components, paths } = json as {
    components: { securitySchemes: object };
    paths: Record<string, Record<string, { security: object[]; responses: Record<string, unknown> }>>;
  };
  expect(Object.keys(components.securitySchemes)).toEqual(['bearer', 'basic']);
  expect(paths['/health/live']?.get?.security).toEqual([]);
  expect(paths['/health/live']?.get?.responses).not.toHaveProperty('401');
  expect(paths[PREDICT]?.post?.security).toEqual([{ bearer: ['predict'] }, { basic: ['predict'] }]);
  for (const status of ['401', '403', '429'])
    expect(paths['/v1/keys']?.post?.responses).toHaveProperty(status);
});
