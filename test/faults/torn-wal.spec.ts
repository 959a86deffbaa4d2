/**
 * The companion -wal file is torn, as after a power cut on a disk that lies: its end is cut off, or bytes of its tail are others.
 * Answers whose commits lay in what is torn are gone, also in strict mode: no program can have what the disk has lost. What came
 * before the tear is whole, and what is left is a chain without a gap.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Verifier } from '../../src/audit/verification/verifier.js';
import { ask } from '../client.js';
import { house, houses, PREDICT } from '../houses.js';
import { PROJECT, Server, temporaryFolder } from '../server.js';
import { RecordFile } from './chain-check.js';
import { drawTears, endOfFrames } from './tears.js';

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

/** Of which tears are drawn; another one by FAULTS_SEED. */
const SEED = Number(process.env.FAULTS_SEED ?? 20_260_131);
const TEARS = 60;
/** After each how many a whole server is started on what is left. */
const WITH_SERVER = 15;

describe(`torn in ${TEARS} places (seed ${SEED})`, () => {
  let folder: string;
  let wal: string;
  /** Ids of the answers that SQLite had taken over from the -wal file into the database. */
  const early: string[] = [];
  /** Ids of those after it, each with the bytes of the -wal file that hold its commit. */
  const late: { id: string; end: number }[] = [];

  beforeAll(async () => {
    folder = temporaryFolder();
    wal = join(folder, 'oriel.db-wal');
    const server = await Server.start({ ORIEL_DATA: folder });
    const predict = async (n: number): Promise<string> => {
      const body = n % 5 === 0 ? houses(1 + (n % 40), n) : house(n);
      return (await ask(server, PREDICT, { body })).headers['x-request-id'] as string;
    };
    for (let n = 0; n < 25; n++) early.push(await predict(n));
    const other = new Database(join(folder, 'oriel.db'));
    expect(other.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 0 }]);
    other.close();
    for (let n = 0; n < 60; n++) late.push({ id: await predict(n), end: endOfFrames(wal) });
    await server.kill();
  });

  /** The ids of those on record in a torn copy, which is opened and verified. */
  function onRecord(copy: string): string[] {
    const database = new Database(join(copy, 'oriel.db'));
    expect(new Verifier(database).verify()).toMatchObject({ valid: true });
    database.close();
    const file = new RecordFile(copy);
    try {
      file.check();
      expect(file.duplicates).toBe(0);
      return file.ids();
    } finally {
      file.close();
    }
  }

  test('it opens each time, its chain fits, and nothing is lost whose commit lies before the tear', async () => {
    const size = endOfFrames(wal);
    expect(late.at(-1)?.end).toBe(size);
    expect(existsSync(join(folder, 'oriel.checkpoints'))).toBe(false); // which would speak of what is torn off
    let lost = 0;
    for (const [n, { what, at, tear }] of drawTears(SEED, TEARS, size).entries()) {
      const copy = temporaryFolder();
      cpSync(folder, copy, { recursive: true });
      rmSync(join(copy, 'oriel.db-shm'), { force: true }); // an index of the -wal file, made anew after a power cut
      tear(join(copy, 'oriel.db-wal'));
      const ids = onRecord(copy);
      const safe = [...early, ...late.filter(({ end }) => end <= at).map(({ id }) => id)];
      const answered = [...early, ...late.map(({ id }) => id)];
      expect([what, ids]).toEqual([what, answered.slice(0, ids.length)]);
      if (ids.length < safe.length)
        throw new Error(`${what}: ${safe.length - ids.length} are lost that lie before it`);
      lost += answered.length - ids.length;
      if (n % WITH_SERVER === 0) await goesOn(copy, ids);
      rmSync(copy, { recursive: true });
    }
    expect(lost).toBeGreaterThan(TEARS); // or the tears tore nothing
  }, 180_000);

  /** The command finds it whole too, and a server goes on with what is left, on the same chain. */
  async function goesOn(copy: string, ids: readonly string[]): Promise<void> {
    const command = [join(PROJECT, 'dist/cli.js'), 'verify', join(copy, 'oriel.db')];
    expect(spawnSync(process.execPath, command)).toMatchObject({ status: 0 });
    const server = await Server.start({ ORIEL_DATA: copy });
    const next = await ask(server, PREDICT, { body: house(1000) });
    expect(next.status).toBe(200);
    expect((await ask(server, '/v1/audit/verify')).json).toMatchObject({ valid: true });
    await server.stop();
    expect(onRecord(copy).slice(0, ids.length + 1)).toEqual([...ids, next.headers['x-request-id']]);
  }
});

test('what was torn off although it was signed is named, not passed over', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder, ORIEL_AUDIT_CHECKPOINT: '50ms' });
  for (let n = 0; n < 10; n++) await ask(server, PREDICT, { body: house(n) });
  const half = endOfFrames(join(folder, 'oriel.db-wal'));
  for (let n = 0; n < 10; n++) await ask(server, PREDICT, { body: house(n) });
  const last = async (): Promise<number> => {
    const { items } = (await ask(server, '/v1/audit/checkpoints')).json as { items: { seq: number }[] };
    return items[0]?.seq ?? 0;
  };
  while ((await last()) < 20) await new Promise((resolve) => setTimeout(resolve, 20));
  await server.kill();
  truncateSync(join(folder, 'oriel.db-wal'), half);
  const again = await Server.start({ ORIEL_DATA: folder });
  const { json } = await ask(again, '/v1/audit/verify');
  expect(json).toMatchObject({
    valid: false,
    firstBad: { reason: expect.stringMatching(/checkpoint/) as string },
  });
  await again.stop();
});
