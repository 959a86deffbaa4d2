import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { ask, type Reply } from '../client.js';
import { house, HOUSE, houses, PREDICT, PRICE, queryOf, type House } from '../houses.js';
import { MODELS, Server, temporaryFolder } from '../server.js';

interface Example {
  input: House;
  prediction: number[];
}

const CONFIG = JSON.parse(readFileSync(join(MODELS, 'boston-housing/model.json'), 'utf8')) as {
  features: { name: string }[];
  example: Example;
  versions: Record<string, { example?: Example }>;
};
const V2 = CONFIG.versions['2']!.example!.prediction[0]!;
const BASE = '/v1/models/boston-housing';

const folder = temporaryFolder();
let server: Server;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: folder });
});

function priceOf({ json }: Reply): number {
  return (json as { prediction: [number] }).prediction[0];
}

describe('one row', () => {
  test('a posted house is answered with id, model, version, input and prediction', async () => {
    const reply = await ask(server, PREDICT, { body: HOUSE });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(Object.keys(reply.json as object)).toEqual(['id', 'model', 'version', 'input', 'prediction']);
    expect(reply.json).toEqual({
      id: reply.headers['x-request-id'],
      model: 'boston-housing',
      version: '1',
      input: HOUSE,
      prediction: [expect.closeTo(PRICE, 4)],
    });
  });

  test('the order of the keys does not matter', async () => {
    const reversed = Object.fromEntries(Object.entries(HOUSE).reverse());
    expect(priceOf(await ask(server, PREDICT, { body: reversed }))).toBe(
      priceOf(await ask(server, PREDICT, { body: HOUSE })),
    );
  });

  test('a house in the query is answered as a posted one', async () => {
    const { status, json } = await ask(server, `${PREDICT}?${queryOf(HOUSE)}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ version: '1', input: HOUSE, prediction: [expect.closeTo(PRICE, 4)] });
  });

  test('a stray "?&" before the query is overlooked', async () => {
    const { status, json } = await ask(server, `${PREDICT}?&${queryOf(HOUSE)}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ input: HOUSE, prediction: [expect.closeTo(PRICE, 4)] });
  });
});

describe('many rows', () => {
  test('an array is answered in its order', async () => {
    const rows = houses(300);
    const { status, json } = await ask(server, PREDICT, { body: rows });
    expect(status).toBe(200);
    expect(Object.keys(json as object)).toEqual(['id', 'model', 'version', 'predictions']);
    const { predictions } = json as { predictions: number[][] };
    expect(predictions).toHaveLength(300);
    for (const at of [0, 1, 150, 299]) {
      expect(predictions[at]).toEqual([
        expect.closeTo(priceOf(await ask(server, PREDICT, { body: rows[at] })), 9),
      ]);
    }
  });

  test('an empty array is answered with no predictions', async () => {
    const { status, json } = await ask(server, PREDICT, { body: [] });
    expect(status).toBe(200);
    expect(json).toMatchObject({ model: 'boston-housing', version: '1', predictions: [] });
  });

  test('an array of one is still an array', async () => {
    const { json } = await ask(server, PREDICT, { body: [HOUSE] });
    expect((json as { predictions: unknown }).predictions).toEqual([[expect.closeTo(PRICE, 4)]]);
  });

  test('concurrent requests each get their own answer', async () => {
    // Least squares is linear: fourteen answers, asked one by one, tell what all the others must be.
    const zero = { ...HOUSE };
    const base = priceOf(await ask(server, PREDICT, { body: zero }));
    const slopes = new Map<string, number>();
    for (const name of Object.keys(HOUSE)) {
      const moved = { ...zero, [name]: zero[name]! + (name === 'CHAS' ? 1 : 10) };
      const step = moved[name]! - zero[name]!;
      slopes.set(name, (priceOf(await ask(server, PREDICT, { body: moved })) - base) / step);
    }
    const expected = (one: House): number =>
      [...slopes].reduce((sum, [name, slope]) => sum + slope * (one[name]! - zero[name]!), base);
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const rows = houses(1000, 7);
    const replies = await Promise.all(rows.map((body) => ask(server, PREDICT, { body, agent })));
    agent.destroy();
    replies.forEach((reply, n) => {
      expect(reply.json).toMatchObject({ id: reply.headers['x-request-id'], input: rows[n] });
      expect(priceOf(reply)).toBeCloseTo(expected(rows[n]!), 6);
    });
    expect(new Set(replies.map(({ headers }) => headers['x-request-id'])).size).toBe(rows.length);
  });
});

describe('versions and labels', () => {
  test.each([
    ['versions/1', '1', PRICE],
    ['versions/2', '2', V2],
    ['labels/stable', '1', PRICE],
    ['labels/canary', '2', V2],
  ])('%s answers with version %s', async (which, version, price) => {
    for (const reply of [
      await ask(server, `${BASE}/${which}/predict`, { body: HOUSE }),
      await ask(server, `${BASE}/${which}/predict?${queryOf(HOUSE)}`),
    ]) {
      expect(reply.status).toBe(200);
      expect(reply.json).toMatchObject({ version, prediction: [expect.closeTo(price, 4)] });
    }
  });

  test.each([
    ['/v1/models/nobody/predict', 'unknown-model'],
    [`${BASE}/versions/3/predict`, 'unknown-version'],
    [`${BASE}/labels/beta/predict`, 'unknown-label'],
    [`${BASE}/labels/constructor/predict`, 'unknown-label'],
  ])('%s is not found', async (path, code) => {
    for (const reply of [
      await ask(server, path, { body: HOUSE }),
      await ask(server, `${path}?${queryOf(HOUSE)}`),
    ]) {
      expect(reply.status).toBe(404);
      expect(reply.json).toMatchObject({ status: 404, code });
    }
  });

  test('each version answers its golden example', async () => {
    for (const version of ['1', '2']) {
      const { input, prediction } = CONFIG.versions[version]?.example ?? CONFIG.example;
      const { json } = await ask(server, `${BASE}/versions/${version}/predict`, { body: input });
      expect((json as { prediction: unknown }).prediction).toEqual([expect.closeTo(prediction[0]!, 4)]);
    }
  });

  test('versions asked at the same time do not mix', async () => {
    const replies = await Promise.all(
      houses(100).flatMap((body) =>
        ['1', '2'].map((version) => ask(server, `${BASE}/versions/${version}/predict`, { body })),
      ),
    );
    const alone = await ask(server, `${BASE}/versions/2/predict`, { body: house(99) });
    replies.forEach(({ json }, n) => {
      expect(json).toMatchObject({ version: String((n % 2) + 1), input: house(n >> 1) });
    });
    expect(priceOf(replies.at(-1)!)).toBe(priceOf(alone));
  });
});

describe('what is served', () => {
  const digest = createHash('sha256')
    .update(readFileSync(join(MODELS, 'boston-housing/1/model.onnx')))
    .digest('hex');

  test('the list names every model with its versions, newest first', async () => {
    const { status, json } = await ask(server, '/v1/models');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      items: [
        {
          name: 'boston-housing',
          state: 'ready',
          defaultVersion: '1',
          labels: { stable: '1', canary: '2' },
          versions: [
            { version: '2', state: 'ready', labels: ['canary'] },
            { version: '1', state: 'ready', labels: ['stable'], digest },
          ],
        },
      ],
    });
  });

  test('a model shows the signature, features, digest and example of its default version', async () => {
    const { json } = await ask(server, BASE);
    expect(json).toMatchObject({
      name: 'boston-housing',
      version: '1',
      state: 'ready',
      digest,
      signature: { inputs: [{ name: 'input', type: 'float64' }], outputs: [{ name: 'MEDV' }] },
      example: { input: HOUSE },
      target: { name: 'MEDV' },
    });
    const { features } = json as { features: { name: string }[] };
    expect(features.map(({ name }) => name)).toEqual(CONFIG.features.map(({ name }) => name));
  });

  test('a version shows what it is', async () => {
    const { json } = await ask(server, `${BASE}/versions/2`);
    expect(json).toMatchObject({
      model: 'boston-housing',
      version: '2',
      state: 'ready',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      metrics: { mae: 2.1912 },
      signature: { inputs: [{ name: 'input', shape: ['N', 13] }] },
      cache: { maxAge: '0ms', public: false },
    });
  });

  test.each(['/v1/models/nobody', `${BASE}/versions/9`])('%s is not found', async (path) => {
    expect((await ask(server, path)).status).toBe(404);
  });

  test('HEAD answers as GET does, without the body', async () => {
    for (const path of ['/v1/models', BASE, `${PREDICT}?${queryOf(HOUSE)}`]) {
      const get = await ask(server, path);
      const head = await ask(server, path, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(head.bytes).toHaveLength(0);
      expect(head.headers['content-length']).toBe(String(get.bytes.length));
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
    }
  });

  test.each([
    ['/v1/models', 'GET, HEAD, OPTIONS'],
    [PREDICT, 'GET, HEAD, OPTIONS, POST, QUERY'],
    ['/v1/audit/requests', 'GET, HEAD, OPTIONS'],
  ])('OPTIONS %s names the methods', async (path, allow) => {
    const { status, headers } = await ask(server, path, { method: 'OPTIONS' });
    expect(status).toBe(204);
    expect(headers.allow).toBe(allow);
  });
});
