/** One model in a folder of its own, served under a name that the folder does not have: so KServe lays it into `/mnt/models`. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../client.js';
import { launch } from '../cli.js';
import { APARTMENT, PRICE } from '../houses.js';
import { eventually, MODELS, PROJECT, Server, temporaryFolder } from '../server.js';

const MODEL = join(MODELS, 'boston-housing/1/model.onnx');
const ROW = Object.values(APARTMENT);
const DEPLOYED = readFileSync(join(PROJECT, 'deploy/kserve.yaml'), 'utf8');

/** A folder as the storage initializer leaves it. */
function laid(file = 'model.onnx'): string {
  const folder = join(temporaryFolder(), 'models');
  mkdirSync(folder);
  copyFileSync(MODEL, join(folder, file));
  return folder;
}

const served = (folder: string): Promise<Server> =>
  Server.start({ ORIEL_MODELS: folder, ORIEL_MODEL_NAME: 'prices', ORIEL_DATA: temporaryFolder() });

async function priceOf(server: Server, name = 'prices'): Promise<unknown> {
  const { json } = await ask(server, `/v1/models/${name}:predict`, { body: { instances: [ROW] } });
  return (json as { predictions?: unknown[] }).predictions?.[0];
}

/** The arguments of the container in `deploy/kserve.yaml`, as KServe fills them in. */
function deployedArguments(name: string): string[] {
  const list = /^ {6}args:\n((?: {8}- .*\n)+)/m.exec(DEPLOYED)?.[1] ?? '';
  return [...list.matchAll(/^ +- (\S+)/gm)].map(([, word = '']) => word.replace('{{.Name}}', name));
}

test('a bare model.onnx is served under the given name alone, in both protocols of KServe', async () => {
  const server = await served(laid());
  expect(await priceOf(server)).toEqual([expect.closeTo(PRICE, 4)]);
  const inputs = (await ask(server, '/v2/models/prices')).json as { inputs: { name: string }[] };
  const [input] = inputs.inputs;
  const tensor = { name: input?.name, datatype: 'FP64', shape: [1, ROW.length], data: ROW };
  const inferred = await ask(server, '/v2/models/prices/infer', { body: { inputs: [tensor] } });
  expect(inferred.json).toMatchObject({
    model_name: 'prices',
    model_version: '1',
    outputs: [{ data: [expect.closeTo(PRICE, 4)] }],
  });
  const { json } = await ask(server, '/v1/models');
  expect((json as { items: { name: string }[] }).items.map(({ name }) => name)).toEqual(['prices']);
  for (const other of ['models', 'model', 'boston-housing'])
    expect((await ask(server, `/v2/models/${other}`)).status).toBe(404);
});

test('the only .onnx of the folder may have any name, and the folder may be a link, as that of an image of a model is', async () => {
  const link = join(temporaryFolder(), 'mnt-models');
  symlinkSync(laid('house-prices-3.onnx'), link);
  expect(await priceOf(await served(link))).toEqual([expect.closeTo(PRICE, 4)]);
});

test('versions and model.json hold for the one model too', async () => {
  const server = await served(join(MODELS, 'boston-housing'));
  const { json } = await ask(server, '/v1/models/prices');
  expect(json).toMatchObject({ name: 'prices', versions: [{ version: '2' }, { version: '1' }] });
  expect((await ask(server, '/v1/models/prices/versions/1/predict', { body: APARTMENT })).json).toMatchObject(
    { model: 'prices', version: '1', prediction: [expect.closeTo(PRICE, 4)] },
  );
});

test('a model that is laid into the empty folder later is served', async () => {
  const empty = temporaryFolder();
  const server = await served(empty);
  expect((await ask(server, '/v2/models/prices')).status).toBe(404);
  copyFileSync(MODEL, join(empty, 'model.onnx'));
  await eventually('what is laid there later is served', async () =>
    (await ask(server, '/v2/models/prices/ready')).status === 200 ? true : undefined,
  );
});

test('the arguments of deploy/kserve.yaml start a server that its probes find ready', async () => {
  const given = deployedArguments('prices');
  expect(given).toEqual(expect.arrayContaining(['serve', '--models=/mnt/models', '--model-name=prices']));
  const args = given.map((word) =>
    word
      .replace('/mnt/models', laid())
      .replace(/^--data=.*/, `--data=${temporaryFolder()}`)
      .replace(/^--port=.*/, '--port=0'),
  );
  const { child, ended, output } = launch(args, {
    environment: { ORIEL_HOST: '0.0.0.0', ORIEL_SHUTDOWN_DELAY: '0ms' },
  });
  const address = await eventually('the address is printed', () => {
    if (child.exitCode !== null) throw new Error(output.stderr);
    return /^Oriel is ready at (http:\S+)/m.exec(output.stdout)?.[1];
  });
  const { port } = new URL(address);
  const probes = [...DEPLOYED.matchAll(/path: (\/\S+)/g)].map(([, path = '']) => path);
  expect(probes).toHaveLength(3);
  for (const path of [...probes, '/v2/models/prices/ready'])
    expect([path, (await fetch(`http://127.0.0.1:${port}${path}`)).status]).toEqual([path, 200]);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
});
