/** The clock of the machine goes backwards under the server, and forwards again. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, records } from '../client.js';
import { house, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { RecordFile } from './chain-check.js';

const HOUR = 3_600_000;

test('a clock that goes back an hour refuses nothing, doubles nothing, and leaves order and chain as they were made', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({
    ORIEL_DATA: folder,
    FAULTS_FOLDER: folder,
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'preload.mjs')}`,
  });
  const answered: string[] = [];
  const some = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const { status, headers } = await ask(server, PREDICT, { body: house(answered.length) });
      expect(status).toBe(200);
      answered.push(headers['x-request-id'] as string);
    }
  };
  /** What the server's clock is off by, as the time of its newest answer tells. */
  const turn = async (offset: number): Promise<void> => {
    writeFileSync(join(folder, 'clock.new'), String(offset));
    renameSync(join(folder, 'clock.new'), join(folder, 'clock'));
    await eventually('the journal has the other time', async () => {
      await some(1);
      const file = new RecordFile(folder);
      const off = file.lastCommit - Date.now() - offset;
      file.close();
      return Math.abs(off) < HOUR / 4 ? true : undefined;
    });
  };
  await some(20);
  await turn(-HOUR);
  await some(20);
  await turn(HOUR);
  await some(20);
  await turn(0);
  await some(20);

  const file = new RecordFile(folder);
  expect(file.ids()).toEqual(answered); // the order of `seq` is that of the answers
  expect(file.duplicates).toBe(0);
  file.check();
  file.close();
  const listed = (await records(server))
    .filter(({ route }) => route?.includes('predict'))
    .map(({ id }) => id);
  expect([...listed].sort()).toEqual([...answered].sort()); // every page has its own, none is left out
  expect(listed).toEqual([...listed].sort().reverse());
  expect((await ask(server, '/health/ready')).status).toBe(200);
  await server.stop();
});
