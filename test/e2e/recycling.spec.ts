import { cpSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../client.js';
import { eventually, PROJECT, Server, temporaryFolder } from '../server.js';

/** A server with two models, `same-fp32` and `same-fp64`, that replaces idle threads soon. */
async function start(): Promise<{ server: Server; models: string }> {
  const models = temporaryFolder();
  for (const name of ['same-fp32', 'same-fp64'])
    cpSync(join(PROJECT, 'test/fixtures/models', name), join(models, name), { recursive: true });
  const server = await Server.start({
    ORIEL_MODELS: models,
    ORIEL_DATA: temporaryFolder(),
    ORIEL_MODELS_POLL: '50ms',
    ORIEL_RECYCLE_AFTER: '300ms',
  });
  return { server, models };
}

const predict = (server: Server): Promise<unknown> =>
  ask(server, '/v1/models/same-fp32/predict', { body: { f0: 1, f1: 2 } }).then(({ json }) => json);

const unload = (server: Server): Promise<unknown> =>
  ask(server, '/v2/repository/models/same-fp64/unload', { body: {} });

const logged = (server: Server, text: string): Promise<true> =>
  eventually(text, () => (server.stderr.includes(text) ? true : undefined));

test('an idle thread that let a model go is replaced by one that answers the same', async () => {
  const { server } = await start();
  expect(await predict(server)).toMatchObject({ prediction: [1, 2] });
  await unload(server);
  await logged(server, 'an idle inference thread that let models go was replaced');
  expect(await predict(server)).toMatchObject({ prediction: [1, 2] });
  expect(await ask(server, '/health/ready')).toMatchObject({ status: 200 });
});

test('a thread stays where a model of it could not be loaded again, since its file is broken now', async () => {
  const { server, models } = await start();
  const path = join(models, 'same-fp32/1/model.onnx');
  writeFileSync(`${path}.new`, 'no model');
  renameSync(`${path}.new`, path);
  await logged(server, 'cannot be served');
  await unload(server);
  await logged(server, 'an idle inference thread could not be replaced');
  expect(await predict(server)).toMatchObject({ prediction: [1, 2] });
});
