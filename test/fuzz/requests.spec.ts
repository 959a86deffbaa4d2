import { Agent } from 'node:http';
import { ask } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { CARS, residentMiB, runAttack, send } from './campaign.js';
import { runModels } from './model-campaign.js';
import { ATTACKS } from './requests.js';
import { FuzzTarget } from './target.js';
import type { Server } from '../server.js';

/** Given back, it makes the same inputs: `FUZZ_SEED=… npx jest test/fuzz`. */
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const INPUTS = 150;
const MODELS = 200;
/** What a run as short as this may add; the rest is the heap's own slack. */
const MOST_MORE_MIB = 400;

let target: FuzzTarget;
let before = 0;

beforeAll(async () => {
  process.stdout.write(`FUZZ_SEED=${SEED}\n`);
  target = await FuzzTarget.start({
    ORIEL_LOAD_TIMEOUT: '3s',
    ORIEL_LOAD_MEMORY: '512MiB',
    ORIEL_MODELS_POLL: '0ms',
  });
  before = residentMiB(target.pid);
  expect((await send(target.port, new Agent(), CARS)).status).toBe(201);
});

afterAll(async () => {
  expect(await target.stop()).toBe('it ended with code 0');
});

test.each(Object.keys(ATTACKS))('whatever comes as %s is answered as it should be', async (attack) => {
  const { figures, faults } = await runAttack(target, attack, INPUTS, SEED);
  expect(faults.map(({ what, request }) => ({ seed: SEED, what, path: request.path, body: request.body?.toString('latin1') }))).toEqual([]); // prettier-ignore
  expect(figures).toMatchObject({ inputs: INPUTS, failed: 0 });
});

test('whatever lies there as a model file, the server goes on, and so do the models that are good', async () => {
  const { figures, faults } = await runModels(target, MODELS, SEED);
  expect(faults.map(({ what }) => ({ seed: SEED, what }))).toEqual([]);
  expect(figures.inputs).toBe(MODELS);
  expect(figures.taken).toBeGreaterThan(0);
  expect(figures.refused).toBeGreaterThan(0);
});

test('after all that a prediction is what it was, and memory is not much more', async () => {
  const { json } = await ask(target as unknown as Server, PREDICT, { body: HOUSE });
  expect(json).toMatchObject({ prediction: [30.00384337701678] });
  expect(residentMiB(target.pid) - before).toBeLessThan(MOST_MORE_MIB);
});
