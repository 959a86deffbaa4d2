/** Databases of every earlier Oriel, made by its own migrations, under the present server. */
import Database from 'better-sqlite3';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AUDIT_ENTITIES } from '../../src/audit/audit.entity.js';
import { idAt } from '../../src/audit/id.js';
import { MIGRATIONS } from '../../src/database/migrations/index.js';
import { writerOptions } from '../../src/database/options.js';
import { ask, records } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { Server, temporaryFolder } from '../server.js';

const NOON = Date.UTC(2026, 0, 31, 12);
const RECORDS = 300;
const PRELOAD = join(import.meta.dirname, '../faults/preload.mjs');

/** A database as an Oriel of only so many migrations made it. */
async function made(folder: string, migrations: number): Promise<void> {
  const options = { ...writerOptions(folder, AUDIT_ENTITIES), migrations: MIGRATIONS.slice(0, migrations) };
  const source = new DataSource(options);
  await source.initialize();
  await source.runMigrations({ transaction: 'each' });
  await source.destroy();
}

/** Records as the first of all wrote them, before there was a chain. */
function addRecords(folder: string): string[] {
  const database = new Database(join(folder, 'oriel.db'));
  const routes = database.pragma('table_info(audit_routes)') as { name: string }[];
  const path = routes.some(({ name }) => name === 'path') ? ", ''" : '';
  database.exec(`INSERT INTO audit_routes VALUES (1, 'POST', '/v1/models/:model/predict'${path})`);
  database.exec(`INSERT INTO audit_callers VALUES (1, '', '10.0.0.1', 'curl')`);
  database.exec(`INSERT INTO audit_models VALUES (1, 'boston-housing')`);
  database.exec(`INSERT INTO audit_versions VALUES (1, 1, '1', 'abc')`);
  const insert = database.prepare(
    `INSERT INTO audit_requests (seq, id, route_id, caller_id, path, status, outcome, total_us, model_id, version_id, batch)
     VALUES (?, ?, 1, 1, '/v1/models/boston-housing/predict', 200, 'ok', 1500, 1, 1, 1)`,
  );
  const payload = database.prepare('INSERT INTO audit_payloads (seq, input, output) VALUES (?, ?, ?)');
  const ids = database.transaction(() =>
    Array.from({ length: RECORDS }, (_, n) => {
      const id = idAt(NOON + n);
      insert.run(n + 1, Buffer.from(id.replaceAll('-', ''), 'hex'));
      payload.run(n + 1, JSON.stringify({ RM: n }), JSON.stringify({ prediction: [n] }));
      return id;
    }),
  )();
  // What the migration of the chain would have counted from, where it was there already.
  if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'journal_tip'").get())
    database.exec(`UPDATE journal_tip SET seq = ${RECORDS}`);
  database.close();
  return ids;
}

async function expectKept(server: Server, ids: readonly string[]): Promise<void> {
  const found = (await records(server, 'model=boston-housing')).map(({ id }) => id).reverse();
  expect(found.slice(0, RECORDS)).toEqual(ids);
  const { json } = await ask(server, `/v1/audit/requests/${ids[7]}`);
  expect(json).toMatchObject({ seq: 8, time: '2026-01-31T12:00:00.007Z', input: { RM: 7 }, output: { prediction: [7] } });
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  expect((await ask(server, '/v1/audit/verify')).json).toMatchObject({ valid: true });
} // prettier-ignore

test.each(MIGRATIONS.map((_, index): [string, number] => [MIGRATIONS[index]?.name ?? '', index + 1]))(
  'a database as of %s is upgraded with all that is on record, and says so',
  async (_name, migrations) => {
    const folder = temporaryFolder();
    await made(folder, migrations);
    const ids = addRecords(folder);
    const server = await Server.start({ ORIEL_DATA: folder });
    await expectKept(server, ids);
    if (migrations < MIGRATIONS.length) expect(server.stderr).toMatch(/the database is upgraded.*"step":/);
    await server.stop();
  },
);

/** All that a present database holds, as far as an older one has tables and columns for it. */
function carriedOver(from: string, to: string): void {
  const database = new Database(join(to, 'oriel.db'));
  database.prepare('ATTACH ? AS present').run(join(from, 'oriel.db'));
  const tables = database.prepare(`SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'`).pluck().all() as string[]; // prettier-ignore
  const columns = (schema: string, table: string): string[] =>
    (database.pragma(`${schema}.table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  database.transaction(() => {
    for (const table of tables) {
      const now = new Set(columns('present', table));
      const common = columns('main', table).filter((name) => now.has(name)).map((name) => `"${name}"`).join(', '); // prettier-ignore
      if (common === '') continue;
      database.exec(`DELETE FROM main.${table}`);
      database.exec(`INSERT INTO main.${table} (${common}) SELECT ${common} FROM present.${table}`);
    }
  })();
  database.close();
}

describe('what a server has put on record besides', () => {
  const folder = temporaryFolder();
  let id = '';
  const shown = async (server: Server): Promise<unknown> => ({
    record: (await ask(server, `/v1/audit/requests/${id}`)).json,
    stream: (await ask(server, '/v1/streams/cars')).json,
    windows: (await ask(server, '/v1/streams/cars/windows/minute?state=final')).json,
    holds: (await ask(server, '/v1/audit/holds')).json,
  });
  let before: Awaited<ReturnType<typeof shown>>;

  beforeAll(async () => {
    const server = await Server.start({ ORIEL_DATA: folder });
    const minute = { type: 'tumbling', size: '1m', aggregates: { n: { op: 'count' } } };
    const cars = { key: ['car'], eventTime: 'time', windows: { minute } };
    expect((await ask(server, '/v1/streams/cars', { method: 'PUT', body: cars })).status).toBe(201);
    const event = (time: string): object => ({ car: 'A', time });
    const events = ['2026-01-31T12:00:10Z', '2026-01-31T12:00:20Z', '2026-01-31T12:02:00Z'].map(event);
    expect((await ask(server, '/v1/streams/cars/events', { body: events })).status).toBe(200);
    id = (await ask(server, PREDICT, { body: HOUSE })).headers['x-request-id'] as string;
    expect((await ask(server, '/v1/outcomes', { body: { prediction: id, value: 24 } })).json).toMatchObject({ accepted: 1 });
    const hold = await ask(server, '/v1/audit/holds', { body: { filter: { model: 'boston-housing' }, reason: 'a dispute' } });
    expect(hold.status).toBe(201);
    before = await shown(server);
    expect(before).toMatchObject({ record: { outcomes: [{ value: 24 }] }, windows: { items: [{ values: { n: 2 } }] } });
    await server.stop();
  }); // prettier-ignore

  // Those before have no tables for all of it.
  const points = MIGRATIONS.map(({ name }, index): [string, number] => [name, index + 1]).slice(4);
  test.each(points)(
    'is answered as before by an upgrade of a database as of %s',
    async (_name, migrations) => {
      const old = temporaryFolder();
      cpSync(folder, old, { recursive: true, filter: (file) => !file.includes('oriel.db') });
      await made(old, migrations);
      carriedOver(folder, old);
      const server = await Server.start({ ORIEL_DATA: old });
      expect(await shown(server)).toEqual(before);
      expect((await ask(server, '/v1/audit/verify')).json).toMatchObject({ valid: true });
      const body = { car: 'A', time: '2026-01-31T12:04:00Z' };
      expect((await ask(server, '/v1/streams/cars/events', { body })).json).toMatchObject({ accepted: 1 });
      await server.stop();
    },
  );
});

test('an upgrade that is killed in its middle leaves a database that the next start upgrades', async () => {
  const folder = temporaryFolder();
  await made(folder, 1);
  const ids = addRecords(folder);
  for (const [migration, statement] of [
    ['Chain1764100000000', 'CREATE TABLE audit_columns'],
    ['StreamPast1764600000000', 'CREATE TABLE stream_past'],
  ] as const) {
    const { end } = await Server.startInVain({
      ORIEL_DATA: folder,
      FAULTS_FOLDER: folder,
      FAULTS_KILL_AT: statement,
      NODE_OPTIONS: `--import=${PRELOAD}`,
    });
    expect(end.signal).toBe('SIGKILL');
    const database = new Database(join(folder, 'oriel.db'), { readonly: true });
    const applied = database.prepare('SELECT name FROM migrations').pluck().all();
    expect(applied).not.toContain(migration);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.prepare('SELECT count(*) FROM audit_requests').pluck().get()).toBe(RECORDS);
    database.close();
  }
  const server = await Server.start({ ORIEL_DATA: folder });
  await expectKept(server, ids);
  await server.stop();
});

test('a database of a newer Oriel is refused with a sentence, and left as it is', async () => {
  const folder = temporaryFolder();
  await made(folder, MIGRATIONS.length);
  const database = new Database(join(folder, 'oriel.db'));
  database.exec(`INSERT INTO migrations (timestamp, name) VALUES (2000000000000, 'Later2000000000000')`);
  const { end, stderr } = await Server.startInVain({ ORIEL_DATA: folder });
  expect(end.code).toBe(1);
  expect(stderr).toMatch(/was written by a newer Oriel \(it has the migration Later2000000000000\)/);
  expect(database.prepare('SELECT count(*) FROM migrations').pluck().get()).toBe(MIGRATIONS.length + 1);
  database.close();
});
