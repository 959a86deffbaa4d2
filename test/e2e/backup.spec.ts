/** A backup under load, a crash, and the same server elsewhere. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordFile } from '../faults/chain-check.js';
import { fill } from '../filled.js';
import { CARS, DEFINITION } from '../cars.js';
import { oriel } from '../cli.js';
import { ask, post, type Reply } from '../client.js';
import { house, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const idOf = ({ headers }: Reply): string => headers['x-request-id'] as string;
const NOON = Date.UTC(2026, 0, 31, 12);

interface Manifest {
  seq: number;
  head: string;
  migration: string;
  files: Record<string, { bytes: number; sha256: string }>;
}

function manifestIn(backup: string): Manifest {
  return JSON.parse(readFileSync(join(backup, 'oriel-backup.json'), 'utf8')) as Manifest;
}

const event = (n: number): object => ({
  id: `e${n}`,
  car: `c${n % 3}`,
  device: 'a',
  time: NOON + n * 1000,
  speed: n % 90,
});

test('under load: what was answered before it is in it, and a server elsewhere goes on where it ended', async () => {
  const data = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: data, ORIEL_AUDIT_CHECKPOINT: '100ms' });
  await ask(server, CARS, { method: 'PUT', body: DEFINITION });
  const answered: string[] = [];
  const stop = new AbortController();
  const going = (): boolean => !stop.signal.aborted;
  let events = 0;
  const clients = Array.from({ length: 6 }, async (_, client) => {
    for (let n = client; going(); n += 6) {
      const reply = await ask(server, PREDICT, { body: house(n) });
      if (reply.status === 200) answered.push(idOf(reply));
    }
  });
  const cars = (async (): Promise<void> => {
    for (; going(); events++) expect((await post(server, `${CARS}/events`, [event(events)])).status).toBe(200);
  })();
  await eventually('there is something to keep', () => (answered.length > 200 && events > 70 ? true : undefined));
  const before = [...answered];
  const eventsBefore = events;
  const out = join(temporaryFolder(), 'backup');
  const made = await oriel(['backup', '--data', data, out]);
  expect([made.code, made.stderr]).toEqual([0, '']);
  const many = answered.length;
  await eventually('it goes on', () => (answered.length > many + 50 ? true : undefined));
  stop.abort();
  await Promise.all([...clients, cars]);
  await server.kill();

  const { seq, head, files } = manifestIn(out);
  expect(made.stdout).toContain(head);
  expect(Object.keys(files).sort()).toEqual(expect.arrayContaining(['oriel.checkpoints', 'oriel.db', 'oriel.key', 'oriel.pub']));
  for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
  expect(statSync(out).mode & 0o777).toBe(0o700);

  const elsewhere = join(temporaryFolder(), 'restored');
  const restored = await oriel(['restore', out, elsewhere]);
  expect([restored.code, restored.stderr]).toEqual([0, '']);
  // The kept, newer checkpoints tell that this is not all that there was.
  const told = await oriel(['verify', elsewhere, '--checkpoints', join(data, 'oriel.checkpoints')]);
  expect([told.code, told.stdout]).toEqual([1, expect.stringContaining('the end of the record was removed') as string]);
  expect((await oriel(['verify', elsewhere])).code).toBe(0);

  const again = await Server.start({ ORIEL_DATA: elsewhere });
  const file = new RecordFile(elsewhere);
  expect(file.missing(before)).toEqual([]);
  file.close();
  // An event whose answer came before the backup is known by its id, and the windows go on from there.
  const duplicate = await post(again, `${CARS}/events`, [event(eventsBefore - 1)]);
  expect(await duplicate.json()).toMatchObject({ accepted: 0, duplicates: 1 });
  const next = await post(again, `${CARS}/events`, [event(100_000)]);
  expect(await next.json()).toMatchObject({ accepted: 1, duplicates: 0, late: { events: 0 } });
  const { json } = await ask(again, `${CARS}/windows/minute?limit=1`);
  expect(json).toMatchObject({ items: [{ state: 'final', events: 20, start: '2026-01-31T12:00:00.000Z' }] });
  const predicted = await ask(again, PREDICT, { body: house(1) });
  const { json: record } = await ask(again, `/v1/audit/requests/${idOf(predicted)}`);
  expect((record as { seq: number }).seq).toBeGreaterThan(seq);
  expect((await ask(again, '/v1/audit/verify')).json).toMatchObject({ valid: true });
  await again.stop();
}); // prettier-ignore

describe('with a folder that nobody serves', () => {
  const data = temporaryFolder();
  const out = join(temporaryFolder(), 'backup');

  beforeAll(async () => {
    await fill(data, 500, 200);
    expect(await oriel(['backup', '--data', data, out])).toMatchObject({ code: 0, stderr: '' });
  });

  test('it says what it did, and leaves nothing half done', () => {
    expect(readdirSync(join(out, '..'))).toEqual(['backup']);
    expect(manifestIn(out)).toMatchObject({ seq: 501 });
  });

  test.each([
    ['a backup over what is there', (): string[] => ['backup', '--data', data, out], /something at .* already/],
    ['a backup of no data folder', (): string[] => ['backup', '--data', join(out, 'none'), join(out, 'x')], /no record at/],
    ['a restore into a folder that is used', (): string[] => ['restore', out, data], /is in use/],
    ['a restore of what is no backup', (): string[] => ['restore', data, join(temporaryFolder(), 'x')], /is no backup/],
  ])('refuses %s, in a sentence', async (_what, args, sentence) => {
    const { code, stderr, stdout } = await oriel(args());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }); // prettier-ignore

  async function copyOf(change: (folder: string) => void): Promise<{ code: number | null; stderr: string; target: string }> {
    const folder = temporaryFolder();
    for (const name of readdirSync(out)) writeFileSync(join(folder, name), readFileSync(join(out, name)));
    change(folder);
    const target = join(temporaryFolder(), 'restored');
    return { ...(await oriel(['restore', folder, target])), target };
  } // prettier-ignore

  test('a backup in which a byte changed, or a file is missing, is not restored, and nothing of it stays', async () => {
    const changed = await copyOf((folder) => {
      const bytes = readFileSync(join(folder, 'oriel.db'));
      bytes[bytes.length - 100] = 255 - (bytes[bytes.length - 100] ?? 0);
      writeFileSync(join(folder, 'oriel.db'), bytes);
    });
    expect(changed).toMatchObject({ code: 2, stderr: expect.stringMatching(/oriel\.db is not what was backed up/) as string });
    expect(existsSync(changed.target)).toBe(false);
    const lacking = await copyOf((folder) => rmSync(join(folder, 'oriel.key')));
    expect(lacking).toMatchObject({ code: 2, stderr: expect.stringMatching(/oriel\.key/) as string });
    expect(existsSync(lacking.target)).toBe(false);
  }); // prettier-ignore

  test('a backup of a newer Oriel is refused with a sentence', async () => {
    const newer = await copyOf((folder) => {
      const path = join(folder, 'oriel-backup.json');
      writeFileSync(path, JSON.stringify({ ...manifestIn(folder), oriel: '9.9.9', migration: 'Later2000000000000' }));
    });
    expect(newer).toMatchObject({ code: 2, stderr: expect.stringMatching(/was made by a newer Oriel \(9\.9\.9\)/) as string });
  }); // prettier-ignore

  test('it is restored into an empty folder, such as a volume', async () => {
    const target = temporaryFolder();
    mkdirSync(join(target, 'lost+found'));
    expect(await oriel(['restore', out, target])).toMatchObject({ code: 0, stderr: '' });
    expect((await oriel(['verify', target])).code).toBe(0);
  });
});
