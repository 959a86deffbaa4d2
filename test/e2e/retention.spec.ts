import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask, records, type Reply } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const folder = temporaryFolder();
let server: Server;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: folder });
});

const predict = async (on: Server, house: object = HOUSE): Promise<string> => {
  const { status, headers } = await ask(on, PREDICT, { body: house });
  expect(status).toBe(200);
  return String(headers['x-request-id']);
};
const inFiles = (text: string): boolean =>
  ['oriel.db', 'oriel.db-wal']
    .map((name) => join(folder, name))
    .some((file) => existsSync(file) && readFileSync(file).includes(text));
const done = (reply: Reply): Promise<unknown> =>
  eventually('the erasure is done', async () => {
    const { json } = await ask(server, String(reply.headers.location));
    return (json as { more: boolean }).more ? undefined : json;
  });

test('a record is erased on request, and no byte of what was asked stays in the files', async () => {
  const id = await predict(server, { ...HOUSE, RM: 6.123456789 });
  const other = await predict(server);
  expect(inFiles('6.123456789')).toBe(true);
  const reply = await ask(server, '/v1/audit/erasures', { body: { record: id, reason: 'case 7' } });
  expect(reply).toMatchObject({
    status: 202,
    json: { state: 'running', erased: 0, held: 0, more: true, reason: 'case 7', payloadsOnly: false },
  });
  expect(await done(reply)).toMatchObject({ state: 'done', erased: 1, held: 0 });
  expect(inFiles('6.123456789')).toBe(false);
  const left = (await records(server)).map((record) => record.id);
  expect(left).toContain(other);
  expect(left).not.toContain(id);
});

test('payloads alone are erased on request', async () => {
  const ids = [await predict(server), await predict(server)];
  const reply = await ask(server, '/v1/audit/erasures', { body: { records: ids, payloadsOnly: true } });
  expect(await done(reply)).toMatchObject({ erased: 2 });
  for (const id of ids) {
    const { status, json } = await ask(server, `/v1/audit/requests/${id}`);
    expect([status, json]).toEqual([
      200,
      expect.not.objectContaining({ input: expect.anything() as unknown }),
    ]);
  }
});

test('what is held is not erased until the hold is released', async () => {
  const id = await predict(server);
  const hold = await ask(server, '/v1/audit/holds', { body: { reason: 'a case', filter: { id } } });
  expect(hold).toMatchObject({ status: 201, json: { reason: 'a case', filter: { id } } });
  expect((await ask(server, '/v1/audit/holds')).json).toEqual({ items: [hold.json] });
  expect(await done(await ask(server, '/v1/audit/erasures', { body: { record: id } }))).toMatchObject({
    erased: 0,
    held: 1,
  });
  const path = `/v1/audit/holds/${(hold.json as { id: string }).id}`;
  expect((await ask(server, path, { method: 'DELETE' })).status).toBe(204);
  expect(await ask(server, path, { method: 'DELETE' })).toMatchObject({
    status: 404,
    json: { code: 'unknown-hold' },
  });
  expect((await ask(server, '/v1/audit/holds')).json).toEqual({ items: [] });
  expect(await done(await ask(server, '/v1/audit/erasures', { body: { record: id } }))).toMatchObject({
    erased: 1,
  });
});

test.each([
  ['/v1/audit/holds', { reason: 'r', filter: { modle: 'm' } }, 'invalid-hold', '/filter/modle'],
  ['/v1/audit/erasures', { principal: 7 }, 'invalid-erasure', '/principal'],
])('%s refuses %j by name', async (path, body, code, pointer) => {
  expect(await ask(server, path, { body })).toMatchObject({
    status: 422,
    json: { code, errors: [{ pointer }] },
  });
});

test.each([
  ['POST', '/v1/audit/holds'],
  ['GET', '/v1/audit/holds'],
  ['DELETE', '/v1/audit/holds/x'],
  ['POST', '/v1/audit/erasures'],
  ['GET', '/v1/audit/erasures/x'],
  ['POST', '/v1/outcomes'],
])('%s %s takes no query parameters, and names those it is given', async (method, path) => {
  const reply = await ask(server, `${path}?dryRun=true`, { method, ...(method === 'POST' && { body: {} }) });
  expect(reply).toMatchObject({
    status: 400,
    json: { code: 'invalid-parameter', errors: [{ pointer: '/dryRun' }] },
  });
});

test('an erasure that nobody asked for is unknown', async () => {
  for (const id of ['x', '019a0000-0000-7000-8000-000000000000'])
    expect((await ask(server, `/v1/audit/erasures/${id}`)).status).toBe(404);
});

test('records go by themselves once they are too old', async () => {
  const short = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_AUDIT_KEEP: '1s' });
  const id = await predict(short);
  await eventually('the record is gone', async () => {
    const { status } = await ask(short, `/v1/audit/requests/${id}`);
    return status === 404 || status === 410 || undefined;
  });
});
