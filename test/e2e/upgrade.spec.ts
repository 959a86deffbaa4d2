/** Databases of every earlier Oriel, made by its own migrations, under the present server. */
import Database from 'better-sqlite3';
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
