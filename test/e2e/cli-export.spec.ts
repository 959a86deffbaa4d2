import { parquetReadObjects } from 'hyparquet';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { CLI, launch, oriel } from '../cli.js';
import { ask } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { seed } from '../../scripts/seed/seed.js';

const RECORDS = 12_000;
const folder = temporaryFolder();
const file = join(folder, 'oriel.db');

interface Line {
  seq: number;
  status: number;
}
const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

beforeAll(() =>
  seed(folder, { records: RECORDS, from: 1.7e12, to: 1.7e12 + 8.64e7, seed: 1 }, 100, () => undefined),
);

test('prints the record, the same from its folder and from a copy of the file', async () => {
  const copies = temporaryFolder();
  copyFileSync(file, join(copies, 'copy.sqlite'));
  const [whole, copy] = await Promise.all(
    [folder, join(copies, 'copy.sqlite')].map((data) => oriel(['export', '--data', data])),
  );
  expect(whole).toMatchObject({ code: 0, stderr: '' });
  expect(linesOf(whole!.stdout)).toHaveLength(RECORDS);
  expect(copy).toEqual(whole);
});

test('takes the form from the name of the file, and the part from the bounds and the filter', async () => {
  const out = temporaryFolder();
  const all = linesOf((await oriel(['export', '--data', file])).stdout);
  const [from, to] = [all[100]!.seq, all[9000]!.seq];
  const wanted = all.filter(({ seq, status }) => seq >= from && seq < to && status >= 400);
  expect(wanted.length).toBeGreaterThan(5);
  for (const form of ['ndjson', 'csv', 'parquet'])
    expect(
      await oriel([
        'export', '--data', file, '--from', String(from), '--to', String(to), '--filter', 'status >= 400', '--out',
        join(out, `part.${form}`),
      ]), // prettier-ignore
    ).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  expect(readdirSync(out).sort()).toEqual(['part.csv', 'part.ndjson', 'part.parquet']);
  expect(linesOf(readFileSync(join(out, 'part.ndjson'), 'utf8'))).toEqual(wanted);
  expect(readFileSync(join(out, 'part.csv'), 'utf8').split('\r\n')).toHaveLength(wanted.length + 2);
  const bytes = readFileSync(join(out, 'part.parquet'));
  const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer, columns: ['seq'] });
  expect(rows.map(({ seq }) => Number(seq))).toEqual(wanted.map(({ seq }) => seq));
});

test('exports while a server runs on the folder, which goes on', async () => {
  const data = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: data });
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  const { code, stdout } = await oriel(['export', '--data', data]);
  expect({ code, lines: linesOf(stdout).length }).toEqual({ code: 0, lines: 1 });
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(200);
  await server.stop();
});

test('says nothing when its reader has enough', () => {
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', '"$0" "$1" export --data "$2" | head -n 2', process.execPath, CLI, file],
    { encoding: 'utf8' },
  );
  expect({ lines: linesOf(stdout).length, stderr }).toEqual({ lines: 2, stderr: '' });
});

test('a signal leaves no half of a file, and what was there before', async () => {
  const target = join(temporaryFolder(), 'record.ndjson');
  writeFileSync(target, 'of yesterday');
  const { child, ended } = launch(['export', '--data', file, '--out', target]);
  await eventually('it writes', () => existsSync(`${target}.part`) || undefined);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: '' });
  expect(readFileSync(target, 'utf8')).toBe('of yesterday');
  expect(existsSync(`${target}.part`)).toBe(false);
});

describe('is refused with a sentence', () => {
  const broken = temporaryFolder();

  test.each([
    [['--data', '/nowhere'], 'There is no record at /nowhere.'],
    [['--data', broken], `There is no record at ${broken}/oriel.db.`],
    [['--data', join(broken, 'text')], `The file ${broken}/text is no database of Oriel, or it is damaged.`],
    [['--data', join(broken, 'other.db')], `The file ${broken}/other.db is no database of Oriel.`],
    [
      ['--data', join(broken, 'newer.db')],
      `${broken}/newer.db was written by a newer Oriel (it has the migration Later9).`,
    ],
    [
      ['--data', file, '--from', 'soon'],
      '--from is "soon": it must be the seq of a record, a time such as 2026-01-31T12:00:00Z, or epoch milliseconds.',
    ],
    [['--data', file, '--filter', 'status >'], '--filter is wrong: '],
    [
      ['--data', file, '--format', 'xml'],
      "Option '--format <format>' argument 'xml' is invalid. Allowed choices are ndjson, csv, parquet.",
    ],
    [['--data', file, '--out', '/nowhere/x.csv'], '/nowhere/x.csv cannot be written (ENOENT).'],
  ])('%j', async (args, sentence) => {
    // prettier-ignore
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'text'), 'no database at all, but long enough to be looked at'.repeat(20));
    if (!existsSync(join(broken, 'other.db'))) {
      new Database(join(broken, 'other.db')).exec('CREATE TABLE t (a)').close();
      copyFileSync(file, join(broken, 'newer.db'));
      new Database(join(broken, 'newer.db'))
        .exec("INSERT INTO migrations (timestamp, name) VALUES (9, 'Later9')")
        .close();
    }
    const { code, stdout, stderr } = await oriel(['export', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(sentence)).toBe(true);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('a file of an older Oriel is told, not half read', async () => {
  const old = join(temporaryFolder(), 'old.db');
  copyFileSync(file, old);
  new Database(old).exec('DELETE FROM migrations WHERE id = (SELECT max(id) FROM migrations)').close();
  expect(await oriel(['export', '--data', old])).toMatchObject({
    code: 2,
    stderr: `${old} was written by an older Oriel: serve it once, which brings it up to date.\n`,
  });
});
