/**
 * The companion -wal file is torn, as after a power cut on a disk that lies: its end is cut off, or bytes of its tail are others.
 * Answers whose commits lay in what is torn are gone, also in strict mode: no program can have what the disk has lost. What came
 * before the tear is whole, and what is left is a chain without a gap.
 */
import { closeSync, cpSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../client.js';
import { house, PREDICT } from '../houses.js';
import { Server, temporaryFolder } from '../server.js';
import { RecordFile } from './chain-check.js';

let killed: string;
let answered: string[];
/** Bytes of the -wal file after the first 20 answers. */
let early: number;

beforeAll(async () => {
  killed = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: killed });
  answered = [];
  for (let n = 0; n < 60; n++) {
    const { headers } = await ask(server, PREDICT, { body: house(n) });
    answered.push(headers['x-request-id'] as string);
    if (n === 19) early = statSync(join(killed, 'oriel.db-wal')).size;
  }
  await server.kill();
});

/** Tears a copy of the killed server's file, starts a server on it, and says which of the answers are on record. */
async function afterTear(tear: (wal: string) => void): Promise<string[]> {
  const folder = temporaryFolder();
  cpSync(killed, folder, { recursive: true });
  tear(join(folder, 'oriel.db-wal'));
  const server = await Server.start({ ORIEL_DATA: folder });
  const after = await ask(server, PREDICT, { body: house(1000) });
  expect(after.status).toBe(200);
  const file = new RecordFile(folder);
  file.check();
  expect(file.duplicates).toBe(0);
  const ids = file.ids();
  file.close();
  await server.stop();
  expect(ids.at(-1)).toBe(after.headers['x-request-id']);
  return ids.slice(0, -1);
}

/** Only the tail may be missing, and nothing of the first 20. */
function expectBeginning(ids: readonly string[]): void {
  expect(ids).toEqual(answered.slice(0, ids.length));
  expect(ids.length).toBeGreaterThanOrEqual(20);
}

test('killed, but not torn: everything is there', async () => {
  expect(await afterTear(() => undefined)).toEqual(answered);
});

test('cut off anywhere in its tail, it keeps what was committed before the cut', async () => {
  const { size } = statSync(join(killed, 'oriel.db-wal'));
  expect(size).toBeGreaterThan(early);
  for (const share of [0, Math.random()]) {
    const at = early + Math.floor(share * (size - early));
    expectBeginning(await afterTear((wal) => truncateSync(wal, at)));
  }
});

test('with other bytes in its tail, it keeps what was committed before them', async () => {
  const { size } = statSync(join(killed, 'oriel.db-wal'));
  for (const share of [Math.random(), 0.99]) {
    const at = early + Math.floor(share * (size - early - 8));
    const ids = await afterTear((wal) => {
      const bytes = readFileSync(wal).subarray(at, at + 8);
      const file = openSync(wal, 'r+');
      writeSync(
        file,
        bytes.map((byte) => byte ^ 0xff),
        0,
        bytes.length,
        at,
      );
      closeSync(file);
    });
    expectBeginning(ids);
    expect(ids.length).toBeLessThan(answered.length);
  }
});
