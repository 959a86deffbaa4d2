import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { ask, records, type Question } from '../client.js';
import { eventually, PROJECT, Server, temporaryFolder } from '../server.js';

const FILES = ['doubles', 'triples'].map((name) => join(PROJECT, `test/fixtures/load/${name}.onnx`));
const SWAPS = 50;
const CLIENTS = 9;
const PAUSE_MS = 5;
/** A change of the directory shows within this. */
const SHOWS_WITHIN_MS = 2000;

let server: Server;
let folder: string;
beforeAll(async () => {
  const models = temporaryFolder();
  folder = join(models, 'swapped/1');
  mkdirSync(folder, { recursive: true });
  copyFileSync(FILES[0]!, join(folder, 'model.onnx'));
  server = await Server.start({
    ORIEL_MODELS: models,
    ORIEL_MODELS_POLL: '200ms',
    ORIEL_DATA: temporaryFolder(),
    ORIEL_CACHE: '1MiB',
    ORIEL_INFERENCE_THREADS: '4', // each of them reads the file for itself
  });
});

interface Tongue {
  question: (x: number) => [path: string, question?: Question];
  answer: (json: unknown) => number | undefined;
}

const prediction = (json: unknown): number | undefined => (json as { prediction?: number[] }).prediction?.[0];
const TONGUES: Tongue[] = [
  {
    question: (x) => [`/v1/models/swapped/predict?f0=${x}&f1=0`],
    answer: prediction,
  },
  {
    question: (x) => ['/v1/models/swapped/predict', { body: { f0: x, f1: 0 } }],
    answer: prediction,
  },
  {
    question: (x) => [
      '/v2/models/swapped/infer',
      { body: { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [x, 0] }] } },
    ],
    answer: (json) => (json as { outputs?: { data: number[] }[] }).outputs?.[0]?.data[0],
  },
];

/** What was answered: how many times its input, and under which id it is on record. */
const factors = new Map<string, number>();
const wrong: unknown[] = [];
let newest = 0;
let done = false;

/** Asks one question after the other on a connection of its own, which must never break. */
async function client(n: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const tongue = TONGUES[n % TONGUES.length]!;
  for (let i = 0; !done; i++) {
    const x = 1 + ((i * CLIENTS + n) % 1000);
    const [path, question] = tongue.question(x);
    try {
      const reply = await ask(server, path, { ...question, agent });
      const factor = (tongue.answer(reply.json) ?? NaN) / x;
      if (reply.status !== 200 || (factor !== 2 && factor !== 3)) wrong.push([reply.status, reply.text]);
      factors.set(String(reply.headers['x-request-id']), factor);
      newest = factor;
    } catch (error) {
      wrong.push(error);
    }
    await new Promise((wake) => setTimeout(wake, PAUSE_MS));
  }
  agent.destroy();
}

/** Puts a file in the place of the model's, as a deployment does. */
function replace(n: number): void {
  const next = join(folder, '.next');
  copyFileSync(FILES[n % 2]!, next);
  renameSync(next, join(folder, 'model.onnx'));
}

/** Half of the swaps are ordered, the others are found. */
async function swap(n: number): Promise<void> {
  replace(n);
  if (n % 4 > 1)
    expect(await ask(server, '/v2/repository/models/swapped/load', { body: {} })).toMatchObject({
      status: 200,
    });
  await eventually(`swap ${n} shows`, () => (newest === 2 + (n % 2) ? true : undefined), SHOWS_WITHIN_MS);
}

test('fifty swaps in a row under constant load fail and lose no request, and each shows within two seconds', async () => {
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(n));
  try {
    for (let n = 1; n <= SWAPS; n++) await swap(n);
  } finally {
    done = true;
    await Promise.all(clients);
  }
  expect(wrong).toEqual([]);

  const expected = new Map(FILES.map((file, index) => [2 + index, digestOf(file)]));
  const recorded = new Map((await records(server)).map((record) => [record.id, record]));
  const unlike = [...factors].filter(([id, factor]) => recorded.get(id)?.digest !== expected.get(factor));
  expect(unlike).toEqual([]);
  expect(new Set(factors.values())).toEqual(new Set([2, 3]));
});

test('whatever is put there while the threads read it, all of them answer from the file that is on record', async () => {
  let n = 0;
  const replacing = setInterval(() => replace(n++), 1);
  try {
    for (let load = 0; load < 25; load++) {
      await ask(server, '/v2/repository/models/swapped/load', { body: {} }); // refused when it was read too often
      const { json } = await ask(server, '/v1/models/swapped/versions/1');
      const factor = (json as { digest: string }).digest === digestOf(FILES[0]!) ? 2 : 3;
      const xs = Array.from({ length: 16 }, (_, n) => 1 + 16 * load + n);
      const replies = await Promise.all(
        xs.map((x) => ask(server, '/v1/models/swapped/predict', { body: { f0: x, f1: 0 } })),
      );
      expect(replies.map(({ json }) => prediction(json))).toEqual(xs.map((x) => factor * x));
    }
  } finally {
    clearInterval(replacing);
  }
});

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
