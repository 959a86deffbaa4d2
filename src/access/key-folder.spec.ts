import Database from 'better-sqlite3';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeDataFolder } from '../database/data-folder.js';
import { JournalWriter } from '../journal/journal-writer.js';
import { KeyKeeper } from './key-entries.js';
import { withKeys } from './key-folder.js';
import type { AskedKey } from './key.js';
import { KeySecret } from './key-secret.js';

const APP: AskedKey = { name: 'app', roles: ['predict'], models: ['boston-*'], streams: null, expires: null };
const MOST = 3;

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'oriel-keys-')), 'deep', 'data');
});
afterEach(() => rmSync(join(folder, '../..'), { recursive: true, force: true }));

const made = (asked: AskedKey = APP): Promise<string> =>
  withKeys(folder, MOST, (keys) => keys.make(asked, 1000).text);

describe('withKeys', () => {
  it('makes the folder, and a key of which only a keyed hash is kept', async () => {
    const text = await made();
    expect(text).toMatch(/^oriel_[\w-]{43}$/);
    const [key] = await withKeys(folder, MOST, (keys) => keys.list());
    expect(key).toMatchObject({
      ...APP,
      created: 1000,
      lastUsed: null,
      digest: KeySecret.open(folder, true).digest(text),
    });
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name)).includes(text.slice(6))).toBe(false);
    expect(statSync(join(folder, 'oriel.secret')).mode & 0o777).toBe(0o600);
  });

  it('refuses a name twice, more keys than there may be, and to revoke what is not there', async () => {
    await made();
    await expect(made()).rejects.toMatchObject({ code: 'key-exists' });
    await made({ ...APP, name: 'b' });
    await made({ ...APP, name: 'c' });
    await expect(made({ ...APP, name: 'd' })).rejects.toMatchObject({ code: 'too-many-keys' });
    const revoke = (id: string): Promise<void> => withKeys(folder, MOST, (keys) => keys.revoke(id, 2000));
    await expect(revoke('nothing')).rejects.toMatchObject({ code: 'unknown-key' });
    const [{ id } = { id: '' }] = await withKeys(folder, MOST, (keys) => keys.list());
    await revoke(id);
    await expect(revoke(id)).rejects.toMatchObject({ code: 'unknown-key' });
    expect((await withKeys(folder, MOST, (keys) => keys.list())).map(({ name }) => name)).toEqual(['b', 'c']);
  });

  it('works beside a server that has the folder, which notices once and puts it on record', async () => {
    await made();
    const lock = takeDataFolder(folder);
    const database = new Database(join(folder, 'oriel.db'));
    const keeper = new KeyKeeper(database);
    const writer = new JournalWriter(database, keeper.appliers);
    const look = (all = false): string[] | undefined =>
      keeper.state(writer, { all, most: MOST })?.keys.map(({ name }) => name);
    expect([look(), look(), look(true)]).toEqual([['app'], undefined, ['app']]);
    await made({ ...APP, name: 'b' });
    const [{ id } = { id: '' }] = await withKeys(folder, MOST, (keys) => keys.list());
    await withKeys(folder, MOST, (keys) => keys.revoke(id, 2000));
    expect([look(), look()]).toEqual([['b'], undefined]);
    const acts = database.prepare('SELECT kind, detail FROM journal_acts ORDER BY seq').all() as Record<
      'kind' | 'detail',
      string
    >[];
    expect(acts.map(({ kind, detail }) => [kind, (JSON.parse(detail) as { by: string }).by])).toEqual([
      ['keyMade', 'command line'], ['keyRevoked', 'command line'], ['keyMade', 'command line'],
    ]); // prettier-ignore
    expect(acts.some(({ detail }) => detail.includes('digest'))).toBe(false);
    expect(database.prepare('SELECT count(*) FROM access_keys').pluck().get()).toBe(1);
    database.close();
    lock.close();
  });

  it('does not open a folder whose secret is gone or damaged: no key could be checked', async () => {
    await made();
    rmSync(join(folder, 'oriel.secret'));
    await expect(made({ ...APP, name: 'b' })).rejects.toThrow(
      /oriel\.secret is not there, and no key can be checked/,
    );
    writeFileSync(join(folder, 'oriel.secret'), 'no secret');
    await expect(made({ ...APP, name: 'b' })).rejects.toThrow(/holds no secret of Oriel/);
  });
});
