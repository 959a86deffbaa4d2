import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask } from '../client.js';
import { endless, filled, FLOAT, modelOf, type GraphOf } from '../onnx.js';
import { eventually, PROJECT, Server, temporaryFolder, type Environment } from '../server.js';

const DOUBLES = join(PROJECT, 'test/fixtures/load/doubles.onnx');
const TRIPLES = join(PROJECT, 'test/fixtures/load/triples.onnx');

let folder = '';

beforeEach(() => {
  folder = temporaryFolder();
});

function put(path: string, content: Uint8Array | { file: string }): void {
  const target = join(folder, 'models', path);
  mkdirSync(dirname(target), { recursive: true });
  if (content instanceof Uint8Array) writeFileSync(target, content);
  else copyFileSync(content.file, target);
}

const start = (more: Environment = {}): Promise<Server> =>
  Server.start({ ORIEL_MODELS: join(folder, 'models'), ORIEL_DATA: join(folder, 'data'), ...more });

interface Version {
  version: string;
  state: string;
  reason?: string;
}

async function versionOf(server: Server, name: string): Promise<Version | undefined> {
  const { json } = await ask(server, `/v1/models/${name}`);
  return (json as { versions?: Version[] }).versions?.[0];
}

async function predict(server: Server, name: string): Promise<unknown> {
  return (await ask(server, `/v1/models/${name}/predict`, { body: { f0: 1, f1: 2 } })).json;
}

/** The processes that a server started, by what is in /proc. */
function childrenOf({ pid }: Server): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const stat = existsSync(`/proc/${name}/stat`) ? readFileSync(`/proc/${name}/stat`, 'utf8') : '';
      return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) === pid;
    })
    .map(Number);
}

test('a model whose load never ends is refused after a time, and others are loaded meanwhile', async () => {
  put('good/1/model.onnx', { file: DOUBLES });
  const server = await start({ ORIEL_LOAD_TIMEOUT: '8s' });
  put('endless/1/model.onnx', endless());
  put('later/1/model.onnx', { file: TRIPLES });
  await eventually('the later model is ready', async () =>
    (await ask(server, '/v1/models/later')).status === 200 &&
    (await versionOf(server, 'later'))?.state === 'ready'
      ? true
      : undefined,
  );
  expect((await versionOf(server, 'endless'))?.state).toBe('loading');
  expect(await predict(server, 'good')).toMatchObject({ prediction: [2, 4] });
  const failed = await eventually('the endless model is refused', async () => {
    const version = await versionOf(server, 'endless');
    return version?.state === 'failed' ? version : undefined;
  });
  expect(failed.reason).toBe('It was not loaded and tried within 8s (ORIEL_LOAD_TIMEOUT).');
  expect(await predict(server, 'good')).toMatchObject({ prediction: [2, 4] });
});

test('a model that takes more memory than it may is refused', async () => {
  put('good/1/model.onnx', { file: DOUBLES });
  put('huge/1/model.onnx', filled(1_000_000_000));
  const server = await start({ ORIEL_LOAD_MEMORY: '512MiB' });
  expect(await versionOf(server, 'huge')).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/memory/) as string,
  });
  expect(await predict(server, 'good')).toMatchObject({ prediction: [2, 4] });
});

test('a model that crashes the runtime is refused with a reason, and the old version serves on', async () => {
  put('model/1/model.onnx', { file: DOUBLES });
  const server = await start();
  expect(await predict(server, 'model')).toMatchObject({ prediction: [2, 4] });
  writeFileSync(join(folder, 'models/model/1/model.onnx'), endless());
  // What a crash looks like from outside: the process that loads is gone by a signal. It gets two, the second to be sure.
  const crashed = new Set<number>();
  const version = await eventually('the new file is refused', async () => {
    for (const pid of childrenOf(server)) {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const used = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13]); // in hundredths of a second
      if (!words.includes('prober') || crashed.has(pid) || used < 100) continue;
      crashed.add(pid);
      process.kill(pid, 'SIGSEGV');
    }
    const found = await versionOf(server, 'model');
    return found?.reason === undefined ? undefined : found;
  });
  expect(version).toMatchObject({
    state: 'ready',
    reason: 'A newer file is not served: The runtime crashed while loading it.',
  });
  expect(await predict(server, 'model')).toMatchObject({ prediction: [2, 4] });
  expect(server.running).toBe(true);
});

test('what was loaded well once needs no process of its own at the next start', async () => {
  put('good/1/model.onnx', { file: DOUBLES });
  const first = await start();
  expect(childrenOf(first)).toHaveLength(1);
  await first.stop();
  const second = await start();
  expect(childrenOf(second)).toHaveLength(0);
  expect(await predict(second, 'good')).toMatchObject({ prediction: [2, 4] });
});

const WIDE: GraphOf = {
  nodes: [['Identity', ['x'], ['y']]],
  inputs: [['x', ['n', 2 ** 30], FLOAT]],
  outputs: [['y', ['n', 2 ** 30], FLOAT]],
};

test('a model with more columns than anybody can name is refused', async () => {
  put('wide/1/model.onnx', modelOf(WIDE));
  const server = await start();
  expect((await versionOf(server, 'wide'))?.reason).toBe(
    'The model has 1073741824 columns, more than 20000 (ORIEL_MODEL_COLUMNS).',
  );
});
