import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, get, post } from '../client.js';
import { house, houses, PREDICT } from '../houses.js';
import { PROJECT, Server, temporaryFolder } from '../server.js';

interface Verdict {
  valid: boolean;
  records: number;
  head?: string;
  firstBad?: { seq: number; id: string | null; reason: string };
}

let original: string;
let ids: string[];
let live: Verdict;

/** A data folder with a few dozen records of every kind, in several commits. */
beforeAll(async () => {
  original = temporaryFolder();
  for (const round of [0, 1]) {
    const server = await Server.start({ ORIEL_DATA: original, ORIEL_AUDIT_CHECKPOINT: '50ms' });
    for (let n = 0; n < 10; n++) await post(server, PREDICT, house(10 * round + n));
    await Promise.all(houses(8).map((one) => post(server, PREDICT, one)));
    await post(server, '/v1/models/boston-housing/versions/1/predict', house(1));
    await post(server, PREDICT, { RM: 'wrong' });
    await get(server, '/nowhere');
    const { json } = await ask(server, '/v1/audit/requests?limit=1000');
    ids = (json as { items: { id: string; seq: number }[] }).items.reverse().map(({ id }) => id);
    live = (await ask(server, '/v1/audit/verify')).json as Verdict;
    await server.stop();
  }
});

/** A copy of the folder, edited by another program with another binding of SQLite. */
function edited(sql: string): string {
  const folder = temporaryFolder();
  cpSync(original, folder, { recursive: true });
  const program =
    'import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nc.executescript(sys.argv[2])\nc.commit()';
  if (sql !== '') execFileSync('python3', ['-c', program, join(folder, 'oriel.db'), sql]);
  return folder;
}

/** What the command says, and what it ends with. */
function verify(folder: string, ...options: string[]): Verdict & { status: number | null } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(PROJECT, 'dist/cli.js'), 'verify', join(folder, 'oriel.db'), '--json', ...options],
    { encoding: 'utf8' },
  );
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Verdict), status };
}

/** The `seq` of the n-th record. */
const seqOf = (folder: string, sql: string): number =>
  Number(
    execFileSync('python3', [
      '-c',
      'import sqlite3,sys\nprint(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])',
      join(folder, 'oriel.db'),
      sql,
    ]).toString(),
  );

describe('a record that nobody edited', () => {
  it('is valid, live and as a copy, and the same each time', () => {
    expect(live).toMatchObject({ valid: true });
    const verdict = verify(edited(''));
    expect(verdict).toMatchObject({ valid: true, status: 0 });
    expect(verdict.records).toBeGreaterThanOrEqual(ids.length);
    expect(verify(edited('VACUUM'))).toEqual(verdict);
  });
});

/** Each edits record 12 (by `seq`) or what the comment says; the verdict must name `seq`. */
const EDITS: readonly (readonly [what: string, sql: string, seq: number | string])[] = [
  ['a status', 'UPDATE audit_requests SET status = 201 WHERE seq = 12', 12],
  ['an outcome', "UPDATE audit_requests SET outcome = 'aborted' WHERE seq = 12", 12],
  ['a latency', 'UPDATE audit_requests SET total_us = total_us + 1 WHERE seq = 12', 12],
  ['the time of arrival', "UPDATE audit_requests SET id = X'0190' || substr(id, 3) WHERE seq = 12", 12],
  ['a caller', 'UPDATE audit_requests SET caller_id = caller_id + 1 WHERE seq = 12', 12],
  ['an input', "UPDATE audit_payloads SET input = replace(input, '.', '1') WHERE seq = 12", 12],
  ['an answer', 'UPDATE audit_payloads SET output = \'{"prediction":[50]}\' WHERE seq = 12', 12],
  ['the mark of a cut', "UPDATE audit_payloads SET truncated = 'input' WHERE seq = 12", 12],
  ['which payload is whose', 'UPDATE audit_payloads SET seq = -seq WHERE seq IN (12, 13); UPDATE audit_payloads SET seq = 25 + seq WHERE seq < 0', 12],
  ['the name of a model', "UPDATE audit_models SET name = 'another'", 2],
  ['the digest of a model', "UPDATE audit_versions SET digest = 'feed'", 2],
  ['the address of a caller', "UPDATE audit_callers SET source = '10.1.1.1'", 2],
  ['the names of the features', "UPDATE audit_columns SET names = replace(names, 'CRIM', 'RIM')", 2],
  ['a record that is deleted', 'DELETE FROM audit_requests WHERE seq = 12', 12],
  ['a record that is deleted with its payload', 'DELETE FROM audit_requests WHERE seq = 12; DELETE FROM audit_payloads WHERE seq = 12', 12],
  ['a payload that is deleted', 'DELETE FROM audit_payloads WHERE seq = 12', 12],
  ['a payload that looks erased', "UPDATE audit_payloads SET input = NULL, output = NULL, columns_id = NULL, salt = NULL, digest = zeroblob(32) WHERE seq = 12", 12],
  ['a record that looks erased', 'INSERT INTO journal_tombstones SELECT seq, leaf FROM audit_requests WHERE seq = 12; DELETE FROM audit_requests WHERE seq = 12', 12],
  ['an erasure that nobody asked for', `INSERT INTO journal_tombstones SELECT seq, leaf FROM audit_requests WHERE seq = 12; DELETE FROM audit_requests WHERE seq = 12;
    INSERT INTO journal_acts SELECT max(seq) + 1, 0, 'erased', '{"records":[[12,12]]}', zeroblob(32) FROM audit_requests`, 'SELECT max(seq) FROM journal_acts'],
  ['two records that change places', 'UPDATE audit_requests SET seq = -seq WHERE seq IN (12, 13); UPDATE audit_requests SET seq = 25 + seq WHERE seq < 0', 12],
  ['a record that is inserted at the end', `INSERT INTO audit_requests (seq, id, route_id, caller_id, status, outcome, total_us, leaf)
    SELECT max(seq) + 1, zeroblob(16), 1, 1, 200, 'ok', 1, zeroblob(32) FROM audit_requests`, 'SELECT max(seq) FROM audit_requests'],
  ['a record that is inserted before the first', `INSERT INTO audit_requests (seq, id, route_id, caller_id, status, outcome, total_us)
    VALUES (0, zeroblob(16), 1, 1, 200, 'ok', 1)`, 0],
  ['the last record, cut off', 'DELETE FROM audit_requests WHERE seq = (SELECT max(seq) FROM audit_requests)', 'SELECT max(seq) + 1 FROM audit_requests'],
  ['the last commit, cut off', `DELETE FROM audit_requests WHERE seq > (SELECT last_seq FROM journal_commits ORDER BY last_seq DESC LIMIT 1 OFFSET 1);
    DELETE FROM journal_commits WHERE last_seq = (SELECT max(last_seq) FROM journal_commits)`, 'SELECT max(last_seq) + 1 FROM journal_commits'],
  ['the last commit, cut off with the tip', `DELETE FROM audit_requests WHERE seq > (SELECT last_seq FROM journal_commits ORDER BY last_seq DESC LIMIT 1 OFFSET 1);
    DELETE FROM journal_commits WHERE last_seq = (SELECT max(last_seq) FROM journal_commits);
    UPDATE journal_tip SET (seq, head) = (SELECT last_seq, head FROM journal_commits ORDER BY last_seq DESC LIMIT 1)`, 'SELECT max(last_seq) + 1 FROM journal_commits'],
  ['a leaf', 'UPDATE audit_requests SET leaf = zeroblob(32) WHERE seq = 12', 12],
  ['a head', 'UPDATE journal_commits SET head = zeroblob(32) WHERE last_seq = (SELECT min(last_seq) FROM journal_commits WHERE last_seq >= 12)',
    'SELECT max(last_seq) + 1 FROM journal_commits WHERE last_seq < 12'],
  ['the time of a commit', 'UPDATE journal_commits SET time = time + 1 WHERE last_seq = (SELECT min(last_seq) FROM journal_commits WHERE last_seq >= 12)',
    'SELECT max(last_seq) + 1 FROM journal_commits WHERE last_seq < 12'],
  ['a value of another type', "UPDATE audit_requests SET id = 5, leaf = 'leaf', status = 'fine' WHERE seq = 12", 12],
  ['the act that began it', 'DELETE FROM journal_acts', 1],
  ['a digest where none was kept', 'UPDATE audit_payloads SET digest = zeroblob(32) WHERE seq = 12', 12],
  ['the table of records', 'DROP TABLE audit_requests', 0],
  ['the table of inputs and outputs', 'DROP TABLE audit_payloads', 0],
  ['the table of outcomes', 'DROP TABLE audit_outcomes', 0],
  ['the table of commits', 'DROP TABLE journal_commits', 0],
  ['the table of callers', 'DROP TABLE audit_callers', 0],
  ['the table of erased records', 'DROP TABLE journal_tombstones', 0],
  ['the table of erasures', 'DROP TABLE audit_erasures', 0],
  ['an erasure that is to be carried out', `INSERT INTO audit_erasures (id, time, state, payloads_only, principal, erased, held)
    VALUES ('x', 0, 'running', 0, '', 0, 0)`, 0],
  ['a column', 'ALTER TABLE audit_requests DROP COLUMN problem', 0],
]; // prettier-ignore

describe('a record that somebody edited', () => {
  it.each(EDITS)('%s', (_, sql, expected) => {
    const folder = edited(sql);
    const verdict = verify(folder);
    const seq = typeof expected === 'number' ? expected : seqOf(folder, expected);
    expect(verdict).toMatchObject({ valid: false, status: 1, firstBad: { seq } });
  });

  it('is named by its id where it is still there', () => {
    const folder = edited('UPDATE audit_requests SET status = 500 WHERE seq = 12');
    const { firstBad } = verify(folder);
    expect(ids).toContain(firstBad?.id);
    expect(firstBad?.reason).toBe('the record was changed');
  });

  it('shows it to the server that goes on with it', async () => {
    // One of those that were asked one by one, so that its commit holds no other.
    const folder = edited('UPDATE audit_requests SET status = 201 WHERE seq = 5');
    const server = await Server.start({ ORIEL_DATA: folder });
    const { status, json } = await ask(server, '/v1/audit/verify');
    expect([status, json]).toMatchObject([200, { valid: false, firstBad: { seq: 5 } }]);
    expect((await ask(server, '/v1/audit/verify?from=7')).json).toMatchObject({ valid: true });
    expect((await ask(server, '/v1/audit/verify?from=5')).json).toMatchObject({ valid: false });
    expect((await ask(server, '/v1/audit/verify?to=5')).json).toMatchObject({ valid: true });
    await server.stop();
  });
});

describe('checkpoints', () => {
  it('are signed by the key that the server shows, and show a record that was made anew', async () => {
    const folder = edited('');
    const server = await Server.start({ ORIEL_DATA: folder });
    const { publicKey, algorithm } = (await ask(server, '/v1/audit/key')).json as Record<string, string>;
    expect([algorithm, publicKey]).toEqual(['Ed25519', readFileSync(join(folder, 'oriel.pub'), 'utf8')]);
    const { items } = (await ask(server, '/v1/audit/checkpoints')).json as { items: { seq: number }[] };
    expect(items.length).toBeGreaterThanOrEqual(2);
    await server.stop();

    // Another record, of the same length or longer, under a key of its own, with the checkpoints of the first.
    const other = temporaryFolder();
    const stranger = await Server.start({ ORIEL_DATA: other });
    for (let n = 0; n < 60; n++) await post(stranger, PREDICT, house(n));
    await stranger.stop();
    expect(verify(other)).toMatchObject({ valid: true });
    const witness = ['--checkpoints', join(folder, 'oriel.checkpoints'), '--key', join(folder, 'oriel.pub')];
    expect(verify(other, ...witness)).toMatchObject({ valid: false, status: 1 });
    expect(verify(folder, '--key', join(other, 'oriel.pub'))).toMatchObject({
      valid: false,
      firstBad: { reason: expect.stringMatching(/not signed by this key/) as string },
    });
  });

  it('are in the log as they are in the file, also the one with which the server leaves', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({ ORIEL_DATA: folder, ORIEL_AUDIT_CHECKPOINT: '50ms' });
    await post(server, PREDICT, house(1));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await post(server, PREDICT, house(2));
    await server.stop();
    const lines = (text: string): Record<string, unknown>[] =>
      text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const kept = lines(readFileSync(join(folder, 'oriel.checkpoints'), 'utf8'));
    const told = lines(server.stderr).filter(({ msg }) => msg === 'checkpoint of the record');
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect(told.map(({ checkpoint }) => checkpoint)).toEqual(kept);
  });

  it('cannot be changed, but may end in the middle of a line', () => {
    const folder = edited('');
    const file = join(folder, 'oriel.checkpoints');
    appendFileSync(file, '{"seq":9');
    expect(verify(folder)).toMatchObject({ valid: true });
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"seq":', '"seq":1'));
    expect(verify(folder)).toMatchObject({ valid: false });
    writeFileSync(file, `no checkpoint\n${text}`);
    expect(verify(folder)).toMatchObject({
      valid: false,
      firstBad: { reason: expect.stringMatching(/line 1/) as string },
    });
  });

  it('need no server to be refused', () => {
    const run = (...args: string[]): number | null =>
      spawnSync(process.execPath, [join(PROJECT, 'dist/cli.js'), 'verify', ...args]).status;
    expect([run(), run('--help'), run('/nowhere/oriel.db'), run(join(PROJECT, 'package.json'))]).toEqual([
      2, 0, 2, 2,
    ]);
  });
});
