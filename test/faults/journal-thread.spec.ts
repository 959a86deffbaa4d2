/** The journal thread dies under the server: what was under way is refused, the rest is on record once, and it goes on by itself. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, records, type Reply } from '../client.js';
import { house, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { RecordFile } from './chain-check.js';

const PRELOAD = join(import.meta.dirname, 'preload.mjs');

async function start(environment: Record<string, string> = {}): Promise<{ server: Server; folder: string }> {
  const folder = temporaryFolder();
  const server = await Server.start({
    ORIEL_DATA: folder,
    FAULTS_FOLDER: folder,
    NODE_OPTIONS: `--import=${PRELOAD}`,
    ...environment,
  });
  return { server, folder };
}

/** Ends the journal thread, and waits until that has happened. */
async function endThread(folder: string): Promise<void> {
  const order = join(folder, 'die');
  writeFileSync(order, '');
  await eventually('the thread dies', () => (existsSync(order) ? undefined : true));
}

const ready = async (server: Server): Promise<number> => (await ask(server, '/health/ready')).status;
const idOf = ({ headers }: Reply): string => headers['x-request-id'] as string;

test('strict: killed under load again and again, every answer that is given is on record once', async () => {
  const { server, folder } = await start();
  const replies: Reply[] = [];
  let going = true;
  const clients = Array.from({ length: 16 }, async (_, client) => {
    for (let n = client; going; n += 16) replies.push(await ask(server, PREDICT, { body: house(n) }));
  });
  for (let death = 0; death < 4; death++) {
    await endThread(folder);
    const before = replies.filter(({ status }) => status === 200).length;
    await eventually('it answers again', () =>
      replies.filter(({ status }) => status === 200).length > before + 50 ? true : undefined,
    );
  }
  going = false;
  await Promise.all(clients);
  expect(
    await eventually('it is ready', async () => ((await ready(server)) === 200 ? true : undefined)),
  ).toBe(true);
  const refused = replies.filter(({ status }) => status !== 200);
  for (const reply of refused)
    expect([reply.status, (reply.json as { code: string }).code]).toEqual([503, 'not-recorded']);
  const file = new RecordFile(folder);
  expect(file.missing(replies.filter(({ status }) => status === 200).map(idOf))).toEqual([]);
  expect(file.duplicates).toBe(0);
  file.check();
  file.close();
  expect(server.stderr).toContain('the journal thread is gone');
  await server.stop();
  expect(server.stderr).toContain('everything is on disk; goodbye');
});

test('the folder still belongs to the server after its journal thread died', async () => {
  const { server, folder } = await start();
  await endThread(folder);
  expect((await ask(server, PREDICT, { body: house(1) })).status).toBe(200); // it waited for the new thread
  const { end, stderr } = await Server.startInVain({ ORIEL_DATA: folder });
  expect(end.code).toBe(1);
  expect(stderr).toContain('is in use by another Oriel process');
  await server.stop();
});

test('while no other thread can be started it refuses answers and tells the probe why; then it goes on', async () => {
  const { server, folder } = await start();
  expect((await ask(server, PREDICT, { body: house(1) })).status).toBe(200);
  const file = join(folder, 'oriel.db');
  renameSync(file, `${file}.away`);
  await endThread(folder);
  const refused = await ask(server, PREDICT, { body: house(2) });
  expect([refused.status, (refused.json as { code: string }).code]).toEqual([503, 'not-recorded']);
  const { status, json } = await ask(server, '/health/ready');
  expect(status).toBe(503);
  expect(JSON.stringify(json)).toContain('the journal thread died and is started again');
  expect(existsSync(file)).toBe(false); // no second record is begun in its stead
  renameSync(`${file}.away`, file);
  await eventually('it is ready', async () => ((await ready(server)) === 200 ? true : undefined));
  const after = await ask(server, PREDICT, { body: house(3) });
  expect(after.status).toBe(200);
  expect((await records(server)).map(({ id }) => id)).toContain(idOf(after));
  await server.stop();
});
