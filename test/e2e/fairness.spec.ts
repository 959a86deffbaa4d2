import { Agent } from 'node:http';
import { addBusy, addLight, quantile, roundsFor } from '../busy.js';
import { ask } from '../client.js';
import { Server, temporaryFolder } from '../server.js';

const HEAVY_CLIENTS = 24;
const LIGHT_QUESTIONS = 60;

test('a heavy model under endless load does not starve a light one on the same thread', async () => {
  const models = temporaryFolder();
  addBusy(models, { maxRows: 8 });
  addLight(models);
  const server = await Server.start({
    ORIEL_MODELS: models,
    ORIEL_DATA: temporaryFolder(),
    ORIEL_INFERENCE_THREADS: '1',
  });
  const { rounds, run } = await roundsFor(server, 60);

  const agent = new Agent({ keepAlive: true });
  let done = false;
  let heavy = 0;
  const saturate = async (): Promise<void> => {
    while (!done) {
      const reply = await ask(server, '/v1/models/busy/predict', {
        body: { rounds },
        headers: { 'request-timeout': '1m' },
        agent,
      });
      expect(reply.status).toBe(200);
      heavy++;
    }
  };
  const load = Array.from({ length: HEAVY_CLIENTS }, saturate);

  const waits: number[] = [];
  for (let n = 1; n <= LIGHT_QUESTIONS; n++) {
    const from = performance.now();
    const reply = await ask(server, '/v1/models/light/predict', { body: { f0: n, f1: 0 }, agent });
    waits.push(performance.now() - from);
    expect(reply.json).toMatchObject({ prediction: [3 * n, 0] });
  }
  done = true;
  await Promise.all(load);
  agent.destroy();

  // One batch is under way when the question comes, and the thread is the light model's when that is done.
  expect(quantile(waits, 0.9)).toBeLessThan(3 * run + 100);
  expect(heavy).toBeGreaterThan(HEAVY_CLIENTS); // it was not starved either
});
