import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ask } from '../client.js';
import { HOUSE, PREDICT, PRICE } from '../houses.js';
import { MODELS, Server, temporaryFolder, type Environment } from '../server.js';

const run = promisify(execFile);

/** Holds a start to failing with a sentence: no stack, no address, an exit code that says so. */
async function expectRefusal(environment: Environment, ...sentences: RegExp[]): Promise<void> {
  const { end, stdout, stderr } = await Server.startInVain({ ORIEL_DATA: temporaryFolder(), ...environment });
  expect(end.code).toBeGreaterThan(0);
  for (const sentence of sentences) expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(stdout).toBe('');
}

describe('a start is refused with a sentence', () => {
  test('when settings are wrong, and all of them are named', async () => {
    await expectRefusal(
      {
        ORIEL_PORT: '80000',
        ORIEL_AUDIT: 'maybe',
        ORIEL_BODY_LIMIT: 'much',
        ORIEL_INFERENCE_THREADS: '0',
        ORIEL_REQUEST_TIMEOUT: 'soon',
      },
      /^ORIEL_PORT is "80000": it must be .*\.$/m,
      /^ORIEL_AUDIT is "maybe": it must be one of strict, buffered\.$/m,
      /^ORIEL_BODY_LIMIT is "much": it must be .*\.$/m,
      /^ORIEL_INFERENCE_THREADS is "0": it must be .*\.$/m,
      /^ORIEL_REQUEST_TIMEOUT is "soon": it must be .*\.$/m,
    );
  });

  test('when others could reach it and no credentials are configured', async () => {
    await expectRefusal({ ORIEL_HOST: '0.0.0.0' }, /ORIEL_HOST is "0\.0\.0\.0".*credentials/);
  });

  test('when the port is taken', async () => {
    const taker = createServer();
    await new Promise<void>((listening) => taker.listen(0, '127.0.0.1', listening));
    const { port } = taker.address() as { port: number };
    await expectRefusal({ ORIEL_PORT: String(port) }, new RegExp(`127\\.0\\.0\\.1:${port}.*is taken`));
    await new Promise((closed) => taker.close(closed));
  });

  test('when another process owns the data folder, which goes on undisturbed', async () => {
    const folder = temporaryFolder();
    const owner = await Server.start({ ORIEL_DATA: folder });
    await expectRefusal({ ORIEL_DATA: folder }, /The data folder .*ORIEL_DATA.* is in use by another/);
    expect((await ask(owner, PREDICT, { body: HOUSE })).status).toBe(200);
    await owner.stop();
    await (await Server.start({ ORIEL_DATA: folder })).stop();
  });

  test('when the data folder cannot be made', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expectRefusal(
      { ORIEL_DATA: join(file, 'data') },
      /The data folder .*ORIEL_DATA.* cannot be written/,
    );
  });
});

describe('a model that cannot be served', () => {
  const models = temporaryFolder();
  let server: Server;

  function altered(name: string, alter: (config: Record<string, unknown>, folder: string) => void): void {
    const folder = join(models, name);
    cpSync(join(MODELS, 'boston-housing'), folder, { recursive: true });
    const file = join(folder, 'model.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    alter(config, folder);
    writeFileSync(file, JSON.stringify(config));
  }

  beforeAll(async () => {
    altered('good', () => undefined);
    altered('garbage', (_config, folder) => writeFileSync(join(folder, '1/model.onnx'), 'not a model'));
    altered('empty-file', (_config, folder) => writeFileSync(join(folder, '1/model.onnx'), ''));
    altered('cut-off', (_config, folder) => {
      const bytes = readFileSync(join(folder, '2/model.onnx'));
      writeFileSync(join(folder, '2/model.onnx'), bytes.subarray(0, bytes.length / 2));
    });
    altered('wrong-example', (config) => {
      config.example = { input: HOUSE, prediction: [7] };
    });
    altered('wrong-key', (config) => {
      config.titel = 'x';
      config.batching = { maxRows: 0 };
    });
    altered('wrong-features', (config) => {
      config.features = ['RM'];
    });
    altered('not-json', () => undefined);
    writeFileSync(join(models, 'not-json/model.json'), '{');
    server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_MODELS: models });
  });

  test.each([
    ['garbage', '1', /ONNX/],
    ['empty-file', '1', /empty/],
    ['cut-off', '2', /cut off|ONNX/],
    ['wrong-example', '1', /The example is answered with \[30\.0.*\], not with \[7\]/],
    ['wrong-key', '1', /\/titel .*known key.*|\/batching\/maxRows/],
    ['wrong-features', '1', /\/features names 1 features, the model takes 13/],
    ['not-json', '1', /not valid JSON/],
  ])('shows its reason: %s', async (model, version, reason) => {
    const { status, json } = await ask(server, `/v1/models/${model}`);
    expect(status).toBe(200);
    const { versions } = json as { versions: { version: string; state: string; reason?: string }[] };
    const failed = versions.find((one) => one.version === version);
    expect(failed).toMatchObject({ state: 'failed', reason: expect.stringMatching(reason) as string });
    expect(failed?.reason).not.toContain(models);
    const refused = await ask(server, `/v1/models/${model}/versions/${version}/predict`, { body: HOUSE });
    expect(refused.status).toBe(503);
    expect(refused.json).toMatchObject({ code: 'model-failed' });
  });

  test('names all that is wrong with model.json', async () => {
    const { text } = await ask(server, '/v1/models/wrong-key');
    expect(text).toContain('/titel');
    expect(text).toContain('/batching/maxRows');
  });

  test('leaves the others serving', async () => {
    for (const path of ['/v1/models/good/predict', '/v1/models/garbage/versions/2/predict']) {
      expect((await ask(server, path, { body: HOUSE })).status).toBe(200);
    }
    const { json } = await ask(server, '/v1/models/good/predict', { body: HOUSE });
    expect(json).toMatchObject({ prediction: [expect.closeTo(PRICE, 4)] });
  });

  test('degrades readiness, no more', async () => {
    const { status, json } = await ask(server, '/health');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: 'degraded',
      details: {
        models: {
          status: 'degraded',
          failed: expect.arrayContaining(['garbage/1', 'wrong-example/1']) as string[],
        },
      },
    });
    expect((await ask(server, '/health/startup')).status).toBe(200);
  });
});

test.each([
  ['is empty', ''],
  ['does not exist', 'nowhere'],
])('a models folder that %s is no reason not to start', async (_what, below) => {
  const models = temporaryFolder();
  mkdirSync(join(models, 'not-a-model'));
  const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_MODELS: join(models, below) });
  expect((await ask(server, '/v1/models')).json).toEqual({ items: [], models: [] });
  expect((await ask(server, '/health/ready')).status).toBe(200);
  expect((await ask(server, PREDICT, { body: HOUSE })).status).toBe(404);
  expect(server.stderr).toContain('ORIEL_MODELS');
  await server.stop();
});

describe('a start', () => {
  const folder = temporaryFolder();
  let server: Server;

  beforeAll(async () => {
    server = await Server.start({ ORIEL_DATA: join(folder, 'made/by/it'), ORIEL_MODLES: 'x' });
  });

  test('prints the address of the port that it found', () => {
    expect(server.port).toBeGreaterThan(0);
    expect(server.stdout).toContain(`http://127.0.0.1:${server.port}`);
  });

  test('prints a curl line that works as it is', async () => {
    const line = /^curl .*$/m.exec(server.stdout)?.[0] ?? '';
    const { stdout } = await run('sh', ['-c', line]);
    expect(JSON.parse(stdout)).toMatchObject({ prediction: [expect.closeTo(PRICE, 4)] });
  });

  test('logs JSON lines, and names a setting that it does not know', () => {
    const lines = server.stderr.trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const entry of entries) {
      expect(entry).toMatchObject({ level: expect.any(String) as string, msg: expect.any(String) as string });
      expect(Date.parse(entry.time as string)).not.toBeNaN();
    }
    expect(entries).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: expect.stringContaining('ORIEL_MODLES') as string }),
    );
  });

  test.each([
    ['/health/live', ['threads']],
    ['/health/ready', ['audit', 'cache', 'disk', 'journal', 'models', 'process', 'readers', 'streams']],
    ['/health/startup', ['models']],
    ['/health', ['audit', 'cache', 'disk', 'journal', 'models', 'process', 'readers', 'streams']],
  ])('%s says that all is well', async (path, parts) => {
    const { status, json } = await ask(server, path);
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: 'ok', error: {} });
    const { details } = json as { details: Record<string, { status: string }> };
    expect(Object.keys(details).sort()).toEqual(parts);
    for (const part of Object.values(details)) expect(part.status).toBe('up');
  });
});
