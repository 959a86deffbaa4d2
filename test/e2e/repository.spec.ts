import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask } from '../client.js';
import { eventually, PROJECT, Server, temporaryFolder } from '../server.js';

const DOUBLES = join(PROJECT, 'test/fixtures/load/doubles.onnx');
const TRIPLES = join(PROJECT, 'test/fixtures/load/triples.onnx');
/** A change of the directory shows within this. */
const SHOWS_WITHIN_MS = 2000;

let models: string;
let server: Server;

function put(path: string, from = DOUBLES): void {
  mkdirSync(dirname(join(models, path)), { recursive: true });
  copyFileSync(from, join(models, path));
}

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(models, path)), { recursive: true });
  writeFileSync(join(models, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** What a model makes of 1, or the status of its refusal. */
async function factor(path: string): Promise<number> {
  const { status, json } = await ask(server, `/v1/models/${path}/predict`, { body: { f0: 1, f1: 0 } });
  return status === 200 ? (json as { prediction: [number] }).prediction[0] : status;
}

function becomes(path: string, expected: number): Promise<true> {
  return eventually(
    `${path} answers ${expected}`,
    async () => ((await factor(path)) === expected ? true : undefined),
    SHOWS_WITHIN_MS,
  );
}

async function reasonOf(name: string, version: string): Promise<[string, string | undefined]> {
  const { json } = await ask(server, `/v1/models/${name}`);
  const entry = (json as { versions: { version: string; state: string; reason?: string }[] }).versions.find(
    (one) => one.version === version,
  );
  return [entry?.state ?? 'unknown', entry?.reason];
}

beforeAll(async () => {
  models = temporaryFolder();
  put('folder/model.onnx');
  put('file.onnx');
  put('latest/1/model.onnx');
  put('latest/2/model.onnx', TRIPLES);
  put('latest/10/model.onnx');
  write('latest/model.json', { versionPolicy: { latest: 2 } });
  put('some/1/model.onnx');
  put('some/2/model.onnx', TRIPLES);
  write('some/model.json', { versionPolicy: { specific: ['1'] } });
  put('newest/1/model.onnx');
  write('newest/model.json', { versionPolicy: { latest: 1 } });
  put('odd/1/model.onnx');
  mkdirSync(join(models, 'odd/model.json')); // a folder where a file should be
  put('.hidden/1/model.onnx');
  put('seen/.draft/model.onnx');
  put('seen/1/model.onnx');
  server = await Server.of(models); // looks again as often as it does by default
});

test('a model may lie in a version, in its folder, or alone', async () => {
  expect([await factor('folder'), await factor('folder/versions/1'), await factor('file')]).toEqual([
    2, 2, 2,
  ]);
});

test('the policy says which versions are served; the newest is the one with the highest number', async () => {
  const paths = ['latest', 'latest/versions/10', 'latest/versions/2', 'latest/versions/1'];
  expect(await Promise.all(paths.map(factor))).toEqual([2, 2, 3, 404]);
  expect(await Promise.all(['some', 'some/versions/2'].map(factor))).toEqual([2, 404]);
});

test('names that begin with a dot are not looked at', async () => {
  const { json } = await ask(server, '/v1/models');
  const text = JSON.stringify(json);
  expect(text).not.toMatch(/hidden|draft/);
  expect(await factor('seen')).toBe(2);
});

test('what cannot be read is told, and nothing else suffers', async () => {
  const [state, reason] = await reasonOf('odd', '1');
  expect([state, reason]).toEqual([
    'failed',
    expect.stringMatching(/odd\/model\.json cannot be read \(EISDIR\)/),
  ]);
  rmSync(join(models, 'odd/model.json'), { recursive: true });
  await becomes('odd', 2);
  mkdirSync(join(models, 'odd/model.json'));
  await eventually('the fault is told', async () =>
    (await reasonOf('odd', '1'))[1] === undefined ? undefined : true,
  );
  expect(await factor('odd')).toBe(2); // what was served goes on
});

test('models and versions that come, change and go show by themselves', async () => {
  expect(await factor('late')).toBe(404);
  put('late/1/model.onnx');
  await becomes('late', 2);
  put('late/2/model.onnx', TRIPLES);
  await becomes('late', 3);
  put('late/2/.next.onnx', DOUBLES);
  renameSync(join(models, 'late/2/.next.onnx'), join(models, 'late/2/model.onnx'));
  await becomes('late', 2);
  rmSync(join(models, 'late/2'), { recursive: true });
  await becomes('late/versions/2', 404);
  rmSync(join(models, 'late'), { recursive: true });
  await becomes('late', 404);
});

test('a broken newer version leaves in place what the policy would put aside for it', async () => {
  expect(await factor('newest')).toBe(2);
  write('newest/2/model.onnx', 'this is no model');
  await eventually('the newer one has failed', async () =>
    (await reasonOf('newest', '2'))[0] === 'failed' ? true : undefined,
  );
  expect(await factor('newest')).toBe(2);
  put('newest/2/.next.onnx', TRIPLES);
  renameSync(join(models, 'newest/2/.next.onnx'), join(models, 'newest/2/model.onnx'));
  await becomes('newest', 3);
  await becomes('newest/versions/1', 404);
});
