import { ask } from '../client.js';
import { oriel, type Ended } from '../cli.js';
import { bearer } from '../guarded.js';
import { eventually, Server, temporaryFolder } from '../server.js';
import { join } from 'node:path';

const run = (folder: string, ...args: string[]): Promise<Ended> =>
  oriel(['keys', ...args], { environment: { ORIEL_DATA: folder } });

test('keys are made, listed and revoked beside a server, which notices within a second', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder });
  const statusOf = async (headers = {}): Promise<number> =>
    (await ask(server, '/v1/models', { headers })).status;
  expect(await statusOf()).toBe(200);
  const made = await run(
    folder,
    'create',
    'app',
    '--roles',
    'predict,read',
    '--models',
    'boston-*',
    '--expires',
    '90d',
  );
  expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^oriel_[\w-]{43}\n$/)]);
  await eventually('it is guarded', async () => ((await statusOf()) === 401 ? true : undefined));
  expect(await statusOf(bearer(made.stdout.trim()))).toBe(200);

  const listed = await run(folder, 'list', '--json');
  const [key] = JSON.parse(listed.stdout) as [{ id: string; expires: string }];
  expect(key).toMatchObject({ name: 'app', roles: ['predict', 'read'], models: ['boston-*'] });
  expect(Date.parse(key.expires)).toBeGreaterThan(Date.now() + 89 * 86_400_000);
  expect((await run(folder, 'list')).stdout).toMatch(
    /^ID +NAME +ROLES .*\n.* app +predict,read +boston-\* +\* /,
  );
  expect(listed.stdout).not.toContain(made.stdout.trim());

  const revoked = performance.now();
  expect((await run(folder, 'revoke', key.id)).code).toBe(0);
  await eventually(
    'it is none any more',
    async () => ((await statusOf(bearer(made.stdout.trim()))) === 401 ? true : undefined),
    5000,
  );
  expect(performance.now() - revoked).toBeLessThan(20_000);
  expect(await run(folder, 'list')).toMatchObject({ code: 0, stdout: 'There is no key.\n' });
  await server.stop();
  expect((await oriel(['verify', folder])).code).toBe(0);
});

test('a first key is made where there is no folder yet, and lets the server listen to others', async () => {
  const folder = join(temporaryFolder(), 'new');
  const made = await run(folder, 'create', 'boss', '--roles', 'admin', '--json');
  const { key, roles } = JSON.parse(made.stdout) as { key: string; roles: string[] };
  expect([made.code, made.stderr, roles]).toEqual([0, '', ['admin']]);
  const server = await Server.start({ ORIEL_DATA: folder, ORIEL_HOST: '0.0.0.0' });
  expect((await ask(server, '/v1/keys')).status).toBe(401);
  const { json } = await ask(server, '/v1/keys', { headers: bearer(key) });
  expect(json).toMatchObject({ items: [{ name: 'boss' }] });
  const acts = await ask(server, '/v1/audit/verify', { headers: bearer(key) });
  expect(acts.json).toMatchObject({ valid: true });
});

test.each<[string[], RegExp]>([
  [['create', 'app'], /^Required option '--roles <list>' not specified\./],
  [['create', 'a b', '--roles', 'predict,root'], /\/name must be .*\n {2}\/roles must be some of predict/],
  [['create', 'app', '--roles', 'audit', '--models', 'm'], /\/models must not be there: audit see all/],
  [['create', 'app', '--roles', 'read', '--expires', 'soon'], /\/expires must be a time/],
  [
    ['create', 'app', '--roles', 'read', '--expires', '2020-01-01T00:00:00Z'],
    /\/expires must be in the future/,
  ],
  [['revoke', 'nothing'], /^There is no key with this id\.\n$/],
])('oriel keys %j is answered with a sentence', async (args, sentence) => {
  const { code, stdout, stderr } = await run(temporaryFolder(), ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(sentence);
});
