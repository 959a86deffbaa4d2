/** The journal thread dies under the server: what was under way is refused, the rest is on record once, and it goes on by itself. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, records, type AuditRecord, type Reply } from '../client.js';
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

/** The records of losses, once they stand for at least so many. */
function losses(server: Server, atLeast: number): Promise<AuditRecord[]> {
  return eventually('the loss is on record', async () => {
    const found = await records(server, 'outcome=lost');
    return lostIn(found) >= atLeast ? found : undefined;
  });
}

const lostIn = (found: readonly AuditRecord[]): number =>
  found.reduce((sum, { lost }) => sum + (lost as number), 0);

test('buffered: killed under load again and again, every answer is on record once or counted as lost', async () => {
  const { server, folder } = await start({ ORIEL_AUDIT: 'buffered' });
  const replies: Reply[] = [];
  let going = true;
  const clients = Array.from({ length: 16 }, async (_, client) => {
    for (let n = client; going; n += 16) replies.push(await ask(server, PREDICT, { body: house(n) }));
  });
  for (let death = 0; death < 6; death++) {
    await eventually('it is ready', async () => ((await ready(server)) === 200 ? true : undefined));
    const before = replies.length;
    await eventually('it answers', () => (replies.length > before + 100 ? true : undefined));
    await endThread(folder);
  }
  going = false;
  await Promise.all(clients);
  for (const { status } of replies) expect(status).toBe(200); // no answer waits for the disk, or is taken back
  await eventually('it is ready', async () => ((await ready(server)) === 200 ? true : undefined));
  await ask(server, PREDICT, { body: house(1) });
  await server.stop(); // and has written all that it could
  const file = new RecordFile(folder);
  const missing = file.missing(replies.map(idOf)).length;
  expect(file.duplicates).toBe(0);
  file.check();
  expect(file.lost).toBe(missing);
  file.close();
  expect(server.stderr).toContain('the journal thread is gone');
});

test('buffered: while no other thread can be started it answers, counts what is lost, and puts that on record once it can', async () => {
  const { server, folder } = await start({ ORIEL_AUDIT: 'buffered' });
  const kept = await ask(server, PREDICT, { body: house(1) });
  // Looked up in the file: whoever asks the server is put on record too, maybe too late.
  await eventually('it is on record', () => {
    const record = new RecordFile(folder);
    const found = record.missing([idOf(kept)]).length === 0;
    record.close();
    return found || undefined;
  });
  const file = join(folder, 'oriel.db');
  renameSync(file, `${file}.away`);
  const before = Date.now();
  await endThread(folder);
  const given = [];
  for (let n = 0; n < 25; n++) given.push(await ask(server, PREDICT, { body: house(n) }));
  expect(given.map(({ status }) => status)).toEqual(given.map(() => 200));
  const { status, json } = await ask(server, '/health');
  expect([status, JSON.stringify(json)]).toEqual([
    503,
    expect.stringContaining('the journal thread died and is started again'),
  ]);
  await eventually('the probe counts them', async () => {
    const health = await ask(server, '/health');
    return JSON.stringify(health.json).includes('"lost":25') ? true : undefined;
  });
  renameSync(`${file}.away`, file);
  await eventually('it is ready', async () => ((await ready(server)) === 200 ? true : undefined));
  const found = await losses(server, 25);
  expect(found).toMatchObject([{ lost: 25, problem: 'records-lost', status: 0, model: null }]);
  const [loss] = found as [AuditRecord];
  expect(Date.parse(loss.time as string)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(loss.completedAt as string)).toBeLessThanOrEqual(Date.now());
  const after = await ask(server, PREDICT, { body: house(2) });
  const ids = await eventually('the next is on record', async () => {
    const all = (await records(server)).map(({ id }) => id);
    return all.includes(idOf(after)) ? all : undefined;
  });
  expect(ids).toContain(idOf(kept));
  for (const reply of given) expect(ids).not.toContain(idOf(reply));
  await server.stop();
  const whole = new RecordFile(folder);
  whole.check();
  whole.close();
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
  const { status, json } = await ask(server, '/health');
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
