/** What a disk can do to the journal: be full, be read-only, be somebody else's; and what is told of it. */
import Database from 'better-sqlite3';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ask, records, type AuditRecord, type Reply } from '../client.js';
import { house, HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const MIB = 2 ** 20;

/** A disk that the test can fill and empty. */
interface SmallDisk {
  server: Server;
  folder: string;
  fill(): void | Promise<void>;
  makeRoom(): void;
}

const mounts: string[] = [];

afterEach(() => {
  for (const folder of mounts.splice(0)) spawnSync('umount', ['-l', folder]);
});

/** A folder with a file system of its own, or why there cannot be one. */
function mountSmall(bytes: number): { folder: string } | { reason: string } {
  const folder = temporaryFolder();
  const { status, stderr, error } = spawnSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${bytes}`,
    'tmpfs',
    folder,
  ]);
  if (status !== 0) return { reason: error?.message ?? stderr.toString().trim() };
  mounts.push(folder);
  return { folder };
}

function fillUp(folder: string): void {
  const file = openSync(join(folder, 'filler'), 'w');
  try {
    for (let size = MIB; size >= 1;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

function skip(what: string, reason: string): void {
  process.stderr.write(`skipped: ${what} (${reason})\n`);
}

/** A file system of its own, full but for what the server has. Needs the right to mount. */
async function fullFileSystem(environment: Record<string, string>): Promise<SmallDisk | string> {
  const mounted = mountSmall(8 * MIB);
  if ('reason' in mounted) return mounted.reason;
  const { folder } = mounted;
  const server = await Server.start({ ...environment, ORIEL_DATA: folder });
  return {
    server,
    folder,
    fill: () => fillUp(folder),
    makeRoom: () => rmSync(join(folder, 'filler')),
  };
}

/** A limit on the length of a file, which the journal reaches by itself. Needs `bash` and `prlimit`. */
async function shortFiles(environment: Record<string, string>): Promise<SmallDisk | string> {
  if (spawnSync('prlimit', ['--version']).status !== 0) return 'there is no prlimit';
  const folder = temporaryFolder();
  // A write beyond the limit then fails, as on a full disk; the signal that comes with it would end the process.
  const wrapper = ['bash', '-c', 'trap "" XFSZ; ulimit -S -f 1024; exec "$@"', 'bash'];
  const server = await Server.start({ ...environment, ORIEL_DATA: folder }, wrapper);
  const fill = async (): Promise<void> => {
    const ready = (): Promise<Reply> => ask(server, '/health/ready');
    for (let n = 0; n < 5000 && (await ready()).status === 200; n++) {
      await Promise.all(Array.from({ length: 16 }, () => ask(server, PREDICT, { body: house(n) })));
    }
  };
  const makeRoom = (): void => {
    execFileSync('prlimit', ['--pid', String(server.pid), '--fsize=unlimited:']);
  };
  return { server, folder, fill, makeRoom };
}

const DISKS = [
  ['a full file system', fullFileSystem],
  ['a file that may not grow', shortFiles],
] as const;

async function health(server: Server): Promise<{ status: number; details: Record<string, unknown> }> {
  const { status, json } = await ask(server, '/health');
  return { status, details: (json as { details: Record<string, unknown> }).details };
}

const idOf = ({ headers }: Reply): string => headers['x-request-id'] as string;

function expectNotRecorded(reply: Reply): void {
  expect([reply.status, (reply.json as { code: string }).code]).toEqual([503, 'not-recorded']);
  expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  expect(reply.text).not.toMatch(/SQLITE|disk I\/O|database/);
}

const askHouse = (server: Server, n = 0): Promise<Reply> => ask(server, PREDICT, { body: house(n) });

/** The ids that are on record, and the records that stand for others. */
async function onRecord(server: Server): Promise<{ ids: Set<string>; losses: AuditRecord[] }> {
  const all = await records(server);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  return {
    ids: new Set(all.map(({ id }) => id)),
    losses: all.filter(({ outcome }) => outcome === 'lost'),
  };
}

const sum = (losses: readonly AuditRecord[]): number =>
  losses.reduce((total, { lost }) => total + Number(lost), 0);

describe.each(DISKS)('on %s', (what, makeDisk) => {
  test('strict: no answer leaves without its record, and when there is room again all goes on', async () => {
    const disk = await makeDisk({});
    if (typeof disk === 'string') return skip(what, disk);
    const { server } = disk;
    const before = await askHouse(server);
    expect(before.status).toBe(200);
    await disk.fill();
    const refused = await Promise.all([0, 1, 2, 3, 4].map((n) => askHouse(server, n)));
    refused.push(await ask(server, '/v1/models'), await ask(server, '/nowhere'));
    refused.forEach(expectNotRecorded);
    const full = await health(server);
    expect(full.status).toBe(503);
    expect(full.details).toMatchObject({ journal: { status: 'down' } });
    const { refused: count } = full.details.audit as { refused: number };
    expect(count).toBeGreaterThanOrEqual(refused.length);
    expect((await ask(server, '/v2/health/ready')).status).toBe(400);
    expect((await ask(server, '/ping')).status).toBe(503);
    expect((await ask(server, '/health/live')).status).toBe(200);

    disk.makeRoom();
    expect((await health(server)).details).toMatchObject({
      journal: { status: 'up' },
      audit: { status: 'up', lost: 0, refused: count },
    });
    const after = await askHouse(server);
    expect(after.status).toBe(200);
    const { ids, losses } = await onRecord(server);
    expect([before, after].map((reply) => ids.has(idOf(reply)))).toEqual([true, true]);
    expect(refused.filter((reply) => ids.has(idOf(reply)))).toEqual([]);
    expect(losses.every(({ problem }) => problem === 'not-recorded')).toBe(true);
    expect(sum(losses)).toBe(count);
    await server.stop();
    expect(server.stderr).toContain('everything is on disk; goodbye');
  });

  test('buffered: answers go on, and what was lost is counted and becomes a record', async () => {
    const disk = await makeDisk({ ORIEL_AUDIT: 'buffered' });
    if (typeof disk === 'string') return skip(what, disk);
    const { server } = disk;
    await disk.fill();
    const replies = await Promise.all([0, 1, 2, 3, 4].map((n) => askHouse(server, n)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    const full = await eventually('the loss is seen', async () => {
      const now = await health(server);
      return (now.details.audit as { lost: number }).lost >= replies.length ? now : undefined;
    });
    expect(full.status).toBe(503);
    expect(full.details).toMatchObject({ journal: { status: 'down' }, audit: { status: 'degraded' } });

    disk.makeRoom();
    const after = await health(server);
    expect(after.status).toBe(200);
    expect(after.details).toMatchObject({ journal: { status: 'up' }, audit: { status: 'degraded' } });
    const { lost } = after.details.audit as { lost: number };
    const { ids, losses } = await eventually('the loss is on record', async () => {
      const found = await onRecord(server);
      return found.losses.length > 0 ? found : undefined;
    });
    expect(replies.filter((reply) => ids.has(idOf(reply)))).toEqual([]);
    expect(losses.every(({ problem }) => problem === 'records-lost')).toBe(true);
    expect(sum(losses)).toBe(lost);
    await server.stop();
    expect(server.stderr).toContain(`${lost} records of answers that were given never reached the disk`);
  });
});

test('a server that leaves while its disk is full says that it could not write', async () => {
  const disk = await shortFiles({});
  if (typeof disk === 'string') return skip('a file that may not grow', disk);
  await disk.fill();
  expectNotRecorded(await askHouse(disk.server));
  await disk.server.stop();
  expect(disk.server.stderr).toContain('the journal could not write at the end');
  expect(disk.server.stderr).not.toContain('everything is on disk');
});

describe('a database file that another program has locked', () => {
  function lock(folder: string): () => void {
    const other = new Database(join(folder, 'oriel.db'));
    other.exec('BEGIN EXCLUSIVE');
    return () => other.close();
  }

  test('is waited for, but not for ever; then the answer is refused', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({ ORIEL_DATA: folder });
    expect((await askHouse(server)).status).toBe(200);

    let unlock = lock(folder);
    const waiting = askHouse(server);
    setTimeout(unlock, 300);
    expect((await waiting).status).toBe(200);

    unlock = lock(folder);
    const from = performance.now();
    expectNotRecorded(await askHouse(server));
    expect(performance.now() - from).toBeLessThan(10_000);
    const locked = await health(server);
    expect(locked.status).toBe(503);
    expect(locked.details).toMatchObject({ journal: { status: 'down' }, audit: { refused: 1 } });

    unlock();
    expect((await health(server)).status).toBe(200);
    expect((await askHouse(server)).status).toBe(200);
    expect(sum((await onRecord(server)).losses)).toBe(1);
    await server.stop();
  });

  test('strict: when too many records wait for it, more are refused at once', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({ ORIEL_DATA: folder, ORIEL_AUDIT_BUFFER: '10KiB' });
    const unlock = lock(folder);
    const replies = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const reply = await askHouse(server, n);
        if (reply.status === 503 && (reply.json as { code: string }).code === 'journal-full') unlock();
        return reply;
      }),
    );
    const codes = replies.map(({ status, json }) =>
      status === 200 ? 'ok' : (json as { code: string }).code,
    );
    const full = codes.filter((code) => code === 'journal-full').length;
    expect(full).toBeGreaterThan(0);
    expect([...new Set(codes)].sort()).toEqual(['journal-full', 'ok']);
    const { ids, losses } = await onRecord(server);
    replies.forEach((reply) =>
      expect([reply.status, ids.has(idOf(reply))]).toEqual([reply.status, reply.status === 200]),
    );
    expect(sum(losses)).toBe(full);
    await server.stop();
  });

  test('buffered: what does not fit meanwhile is lost, counted and told', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({
      ORIEL_DATA: folder,
      ORIEL_AUDIT: 'buffered',
      ORIEL_AUDIT_BUFFER: '10KiB',
    });
    const unlock = lock(folder);
    const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => askHouse(server, n)));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    unlock();
    const { ids, losses } = await eventually('the loss is on record', async () => {
      const found = await onRecord(server);
      return found.losses.length > 0 ? found : undefined;
    });
    const missing = replies.filter((reply) => !ids.has(idOf(reply)));
    expect(missing.length).toBeGreaterThan(0);
    expect(sum(losses)).toBe(missing.length);
    expect((await health(server)).details).toMatchObject({
      audit: { status: 'degraded', lost: missing.length },
    });
    await server.stop();
  });
});

describe('a start is refused with a sentence', () => {
  async function expectRefusal(folder: string, sentence: RegExp): Promise<void> {
    const { end, stdout, stderr } = await Server.startInVain({ ORIEL_DATA: folder });
    expect(end.code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toBe('');
  }

  async function usedFolder(folder = temporaryFolder()): Promise<string> {
    const server = await Server.start({ ORIEL_DATA: folder });
    expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
    await server.stop();
    return folder;
  }

  test('when the database file is read-only', async () => {
    const folder = await usedFolder();
    const file = join(folder, 'oriel.db');
    // Modes do not bind root: for it the file is put under a mount that does.
    const asRoot = process.getuid?.() === 0;
    if (asRoot) {
      const bound = spawnSync('mount', ['--bind', file, file]);
      if (bound.status !== 0) return skip('a read-only file', bound.stderr.toString().trim());
      mounts.push(file);
      expect(spawnSync('mount', ['-o', 'remount,ro,bind', file]).status).toBe(0);
    } else chmodSync(file, 0o444);
    await expectRefusal(folder, /^The database .*oriel\.db \(ORIEL_DATA\).* cannot be written/m);
    if (asRoot) spawnSync('umount', [file]);
    else for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644); // new companions take its mode
    await usedFolder(folder);
  });

  test('when the data folder is on a read-only file system', async () => {
    const mounted = mountSmall(8 * MIB);
    if ('reason' in mounted) return skip('a read-only file system', mounted.reason);
    await usedFolder(mounted.folder);
    expect(spawnSync('mount', ['-o', 'remount,ro', mounted.folder]).status).toBe(0);
    await expectRefusal(mounted.folder, /^The (data folder|database) .* \(ORIEL_DATA\).* cannot be written/m);
  });

  test('when there is no room for the database', async () => {
    const mounted = mountSmall(MIB);
    if ('reason' in mounted) return skip('a full file system', mounted.reason);
    fillUp(mounted.folder);
    await expectRefusal(mounted.folder, /^The (data folder|database) .* \(ORIEL_DATA\).* cannot be written/m);
  });

  test('when the file is no database', async () => {
    const folder = temporaryFolder();
    const file = openSync(join(folder, 'oriel.db'), 'w');
    writeSync(file, 'a letter to my aunt, of more than sixteen bytes'.repeat(100));
    closeSync(file);
    await expectRefusal(
      folder,
      /^The file .*oriel\.db \(ORIEL_DATA\) is no database of Oriel, or it is damaged/m,
    );
  });

  test('when another program keeps a new database locked', async () => {
    const folder = temporaryFolder();
    const other = new Database(join(folder, 'oriel.db'));
    other.exec('BEGIN EXCLUSIVE');
    await expectRefusal(folder, /^The database .*oriel\.db \(ORIEL_DATA\) is locked by another program/m);
    other.close();
    await usedFolder(folder);
  });
});
