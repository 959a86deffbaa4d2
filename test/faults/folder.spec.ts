/** Another program takes the file for a while under load, or somebody deletes the whole data folder under the server. */
import Database from 'better-sqlite3';
import { existsSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { ask, type Reply } from '../client.js';
import { house, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { RecordFile } from './chain-check.js';

test('locked for three seconds under load, it answers none that is not on record, then goes on by itself', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder });
  const replies: Reply[] = [];
  let going = true;
  const clients = Array.from({ length: 16 }, async (_, client) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let n = client; going; n += 16) replies.push(await ask(server, PREDICT, { body: house(n), agent }));
    agent.destroy();
  });
  await eventually('it is under load', () => (replies.length > 100 ? true : undefined));
  const other = new Database(join(folder, 'oriel.db'));
  other.exec('BEGIN EXCLUSIVE');
  const locked = replies.length;
  await new Promise((wake) => setTimeout(wake, 3000));
  other.close();
  const given = (): Reply[] => replies.filter(({ status }) => status === 200);
  const during = given().length;
  expect(during - locked).toBeLessThanOrEqual(16); // those whose commit was done already
  await eventually('it goes on', () => (given().length > during + 100 ? true : undefined));
  going = false;
  await Promise.all(clients);
  const refused = replies.filter(({ status }) => status !== 200);
  for (const { status, json } of refused)
    expect([status, (json as { code: string }).code]).toEqual([503, 'not-recorded']);
  const idsOf = (some: readonly Reply[]): string[] =>
    some.map(({ headers }) => String(headers['x-request-id']));
  const file = new RecordFile(folder);
  expect(file.missing(idsOf(given()))).toEqual([]);
  expect(file.missing(idsOf(refused))).toEqual(idsOf(refused));
  expect(file.duplicates).toBe(0);
  file.check();
  file.close();
  await server.stop();
});

test('once its data folder is deleted it gives no answer that would not be on record, and begins no other', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder });
  expect((await ask(server, PREDICT, { body: house(1) })).status).toBe(200);
  rmSync(folder, { recursive: true });
  for (let n = 0; n < 3; n++) {
    const { status, json } = await ask(server, PREDICT, { body: house(n) });
    expect([status, (json as { code: string }).code]).toEqual([503, 'not-recorded']);
  }
  expect((await ask(server, '/health/ready')).status).toBe(503);
  expect((await ask(server, '/health/live')).status).toBe(200);
  expect(existsSync(join(folder, 'oriel.db'))).toBe(false);
  await server.stop();
  expect(server.stderr).toContain('the journal could not write at the end');
});
