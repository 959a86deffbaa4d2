import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, askRaw, recordOf, records, wire, type Reply } from '../client.js';
import { HOUSE, houses, PREDICT, queryOf, type House } from '../houses.js';
import { Server, temporaryFolder, type Environment } from '../server.js';

/** Digits that occur nowhere but in the values that are not to be kept. */
const DIGITS = '98765431';
const SECRET: House = { ...HOUSE, LSTAT: Number(`4.${DIGITS}`) };
const SAFE = { ...HOUSE, LSTAT: '[redacted]' };
const JSON_TYPE = { 'content-type': 'application/json' };
const V1 = '/v1/models/boston-housing:predict';
const V2 = '/v2/models/boston-housing/infer';

function policyFile(...rules: readonly object[]): string {
  const file = join(temporaryFolder(), 'policy.json');
  writeFileSync(file, JSON.stringify({ rules }));
  return file;
}

/** Whether the digits are in any file of a data folder, as text. */
function survives(folder: string, text: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text));
}

describe('values that the policy does not keep', () => {
  const rows = [...houses(3), SECRET];
  const names = Object.keys(HOUSE);
  const csv = `${names.join(',')}\n${rows.map((row) => names.map((name) => row[name]).join(',')).join('\n')}\n`;
  const post =
    (path: string, body: unknown, headers: Record<string, string> = JSON_TYPE) =>
    (server: Server): Promise<Reply> =>
      ask(server, path, { method: 'POST', body, headers });
  const tensors = async (server: Server): Promise<Reply> => {
    const { json } = await ask(server, '/v2/models/boston-housing');
    const inputs = (json as { inputs: { name: string; datatype: string }[] }).inputs.map(
      ({ name, datatype }) => ({
        name,
        datatype,
        shape: [1, 13],
        data: names.map((feature) => SECRET[feature]),
      }),
    );
    return post(V2, { inputs })(server);
  };
  const questions: [string, (server: Server) => Promise<Reply>, number, unknown][] = [
    ['a row', post(PREDICT, SECRET), 200, SAFE],
    ['rows', post(PREDICT, [HOUSE, SECRET]), 200, [SAFE, SAFE]],
    ['a query', (server) => ask(server, `${PREDICT}?${queryOf(SECRET)}`), 200, SAFE],
    ['a query that is wrong', (server) => ask(server, `${PREDICT}?LSTAT=${SECRET.LSTAT}`), 422, '[redacted]'],
    ['a row that is wrong', post(PREDICT, { LSTAT: `x${DIGITS}` }), 422, { LSTAT: '[redacted]' }],
    ['malformed JSON', post(PREDICT, `{"LSTAT":${SECRET.LSTAT}`), 400, '[redacted]'],
    ['a name twice', post(PREDICT, `{"LSTAT":4.${DIGITS},"LSTAT":5}`), 422, { LSTAT: '[redacted]' }],
    ['instances', post(V1, { instances: [SECRET] }), 200, { instances: [SAFE] }],
    ['records of MLflow', post('/v1/models/boston-housing/invocations', { dataframe_records: [SECRET] }), 200, { dataframe_records: [SAFE] }],
    ['CSV for MLflow', post('/v1/models/boston-housing/invocations', csv, { 'content-type': 'text/csv' }), 200, '[redacted]'],
    ['CSV of any length', post(PREDICT, csv, { 'content-type': 'text/csv' }), 200, expect.arrayContaining([expect.objectContaining({ LSTAT: '[redacted]' })])],
    ['tensors', tensors, 200, { inputs: [expect.objectContaining({ data: '[redacted]', shape: [1, 13] })] }],
    ['a body that is too large to look into', post(PREDICT, { ...SECRET, more: 'x'.repeat(5000) }), 422, '[redacted]'],
    ['another method', (server) => ask(server, `${PREDICT}?LSTAT=${DIGITS}`, { method: 'DELETE' }), 405, '[redacted]'],
    ['a wrong percent-encoding', (server) => askRaw(server, wire('GET', `/v1/models/%zz?LSTAT=${DIGITS}`)), 400, '[redacted]'],
    ['an unknown address', (server) => ask(server, `/nowhere?LSTAT=${DIGITS}`), 404, undefined],
  ]; // prettier-ignore
  const redact = [
    '/input/LSTAT',
    '/input/instances/*/LSTAT',
    '/input/dataframe_records/*/LSTAT',
    '/input/inputs/*/data',
  ];

  test.each([
    ['strict', '64KiB'],
    ['buffered', '100'],
  ])('are nowhere in the files of the record (%s, cut at %s)', async (mode, limit) => {
    const folder = temporaryFolder();
    const server = await Server.start({
      ORIEL_DATA: folder,
      ORIEL_AUDIT: mode,
      ORIEL_AUDIT_PAYLOAD_LIMIT: limit,
      ORIEL_AUDIT_REDACT_LIMIT: '4KiB',
      ORIEL_AUDIT_POLICY: policyFile(
        { level: 'none', routes: ['/v2/models/:model'] },
        { level: 'payload', routes: ['/v1/models/*', '/v2/*'], redact },
      ),
    });
    const replies: Reply[] = [];
    for (const [what, question, status] of questions) {
      const reply = await question(server);
      expect([what, reply.status]).toEqual([what, status]);
      replies.push(reply);
    }
    expect(survives(folder, DIGITS)).toBe(false);
    for (const [at, [what, , , input]] of questions.entries()) {
      if (mode === 'buffered') break; // they are cut, and there only after a moment
      const record = await recordOf(server, replies[at]!);
      expect([what, record.input]).toEqual([what, input]);
      expect([what, record.redacted]).toEqual([what, input === undefined ? undefined : ['input']]);
    }
    await server.stop();
    expect(survives(folder, DIGITS)).toBe(false);
  });

  test('would be there without it', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({ ORIEL_DATA: folder });
    for (const [, question] of questions) await question(server);
    expect(survives(folder, DIGITS)).toBe(true);
    await server.stop();
  });
});

test('the first rule that holds says what is kept, and errors are kept always', async () => {
  const server = await Server.start({
    ORIEL_DATA: temporaryFolder(),
    ORIEL_AUDIT_POLICY: policyFile(
      { level: 'none', routes: ['/v1/models'], methods: ['GET'] },
      { level: 'payload', status: ['4xx'], payloadLimit: 8 },
      { level: 'none', models: ['boston-*'], routes: ['*/versions/*'] },
      { level: 'payload', outcomes: ['ok'], models: ['boston-*'], redact: ['/output/prediction/0'] },
      { level: 'none', routes: ['/gone'], evenErrors: true },
    ),
  });
  const found = async (reply: Reply): Promise<Record<string, unknown> | null> =>
    (await recordOf(server, reply)).code === 'unknown-record' ? null : recordOf(server, reply);

  expect(await found(await ask(server, '/v1/models'))).toBeNull();
  expect(
    await found(await ask(server, '/v1/models/boston-housing/versions/1/predict', { body: HOUSE })),
  ).toBeNull();
  const wrong = await found(await ask(server, PREDICT, { body: { RM: 'x', AGE: 1 } }));
  expect(wrong).toMatchObject({ status: 422, input: '{"RM":"x', truncated: ['input'] });
  expect(wrong).not.toHaveProperty('redacted');
  const right = await found(await ask(server, PREDICT, { body: HOUSE }));
  expect(right).toMatchObject({ input: HOUSE, output: { prediction: ['[redacted]'] }, redacted: ['output'] });
  const other = await found(await ask(server, '/v1/audit/requests?limit=1'));
  expect(other).toMatchObject({ status: 200, route: '/v1/audit/requests' });
  expect(other).not.toHaveProperty('input');
  expect(await found(await ask(server, '/health/live'))).toBeNull();
  expect(await found(await askRaw(server, 'garbage\r\n\r\n'))).toMatchObject({
    status: 400,
    problem: 'malformed-request',
  });
  await server.stop();
});

test('an error that a rule leaves out leaves its metadata, unless the rule says that it need not', async () => {
  const server = await Server.start({
    ORIEL_DATA: temporaryFolder(),
    ORIEL_AUDIT_POLICY: policyFile({ level: 'none', routes: ['/gone'], evenErrors: true }, { level: 'none' }),
  });
  const kept = [
    await ask(server, PREDICT, { body: { RM: 'x' } }),
    await ask(server, PREDICT, { method: 'POST', body: '{', headers: JSON_TYPE }),
    await ask(server, '/nowhere'),
    await askRaw(server, 'garbage\r\n\r\n'),
    await askRaw(server, wire('GET', '/', { 'x-endless': 'a'.repeat(20_000) })),
    await askRaw(server, wire('POST', PREDICT, { ...JSON_TYPE, 'content-length': 2 ** 31 })),
  ];
  await ask(server, PREDICT, { body: HOUSE });
  await ask(server, '/gone');
  const found = await records(server);
  expect(found.map(({ id, status }) => [id, status]).reverse()).toEqual(
    kept.map(({ headers, status }) => [headers['x-request-id'], status]),
  );
  expect(found.map(({ status }) => status).reverse()).toEqual([422, 400, 404, 400, 431, 413]);
  for (const record of found) expect(record).not.toHaveProperty('input');
  await server.stop();
});

test('the record says what the cache did', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_CACHE: '1MiB' });
  const get = (headers: Record<string, string> = {}): Promise<Reply> =>
    ask(server, `${PREDICT}?${queryOf(HOUSE)}`, { headers });
  const first = await get();
  const replies = [first, await get(), await get({ 'if-none-match': String(first.headers.etag) })];
  const found = [];
  for (const reply of replies) found.push(await recordOf(server, reply));
  expect(found).toMatchObject([
    { status: 200, cache: 'miss', batch: 1, latency: { run: expect.any(Number) as number } },
    { status: 200, cache: 'hit', batch: null, latency: { queue: null, run: null } },
    { status: 304, cache: 'revalidated', outcome: 'ok', input: HOUSE, version: '1' },
  ]);
  expect(found.map(({ digest }) => digest)).toEqual(Array(3).fill(found[0]?.digest));
  await server.stop();
});

describe('a start is refused', () => {
  async function refusal(environment: Environment): Promise<string> {
    const { end, stdout, stderr } = await Server.startInVain({
      ORIEL_DATA: temporaryFolder(),
      ...environment,
    });
    expect([end.code, stdout]).toEqual([1, '']);
    expect(stderr).not.toMatch(/^ +at /m);
    return stderr;
  }

  test('with a policy in which something is wrong, by its pointer', async () => {
    const file = policyFile({ level: 'metadata', colour: 'red' }, { level: 'some' });
    const said = await refusal({ ORIEL_AUDIT_POLICY: file });
    expect(said.trim().split('\n')).toEqual([
      `${file} (ORIEL_AUDIT_POLICY): /rules/0/colour is not a member that is known here.`,
      `${file} (ORIEL_AUDIT_POLICY): /rules/1/level must be one of none, metadata, payload.`,
    ]);
  });

  test('with a policy that is not there', async () => {
    expect(await refusal({ ORIEL_AUDIT_POLICY: '/nowhere/policy.json' })).toContain(
      '/nowhere/policy.json (ORIEL_AUDIT_POLICY) cannot be read: ENOENT.',
    );
  });
});
