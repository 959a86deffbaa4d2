import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelProto } from '../../src/prediction/onnx/proto.js';
import { ask, records, type Question, type Reply } from '../client.js';
import { HOUSE, PREDICT, PRICE, queryOf } from '../houses.js';
import { MODELS, PROJECT, Server, temporaryFolder } from '../server.js';

const GET = `${PREDICT}?${queryOf(HOUSE)}`;
const DOUBLES = join(PROJECT, 'test/fixtures/load/doubles.onnx');
const TRIPLES = join(PROJECT, 'test/fixtures/load/triples.onnx');

/** Adds a random number to its input. */
function randomModel(): Uint8Array {
  const edge = (name: string): object => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'n' }, { dimValue: 1 }] } } },
  });
  return ModelProto.encode(
    ModelProto.create({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      graph: {
        name: 'random',
        node: [
          { opType: 'RandomUniformLike', input: ['x'], output: ['r'] },
          { opType: 'Add', input: ['x', 'r'], output: ['y'] },
        ],
        input: [edge('x')],
        output: [edge('y')],
      },
    }),
  ).finish();
}

let server: Server;
let shared: Server;
let models: string;

beforeAll(async () => {
  models = temporaryFolder();
  for (const [name, config] of [
    ['open', { cache: { maxAge: '1h', public: true } }],
    ['own', { cache: { maxAge: '90s' } }],
    ['random', {}],
  ] as const) {
    mkdirSync(join(models, name, '1'), { recursive: true });
    writeFileSync(join(models, name, 'model.json'), JSON.stringify(config));
    if (name === 'random') writeFileSync(join(models, name, '1/model.onnx'), randomModel());
    else copyFileSync(DOUBLES, join(models, name, '1/model.onnx'));
  }
  [server, shared] = await Promise.all([
    Server.of(MODELS),
    Server.start({ ORIEL_MODELS: models, ORIEL_DATA: temporaryFolder(), ORIEL_CACHE: '1MiB' }),
  ]);
});

const tagOf = ({ headers }: Reply): string => headers.etag ?? '';
const asked = (tag: string, question: Question = {}): Question => ({
  ...question,
  headers: { ...question.headers, 'if-none-match': tag },
});
/** A QUERY for the lecture's house. */
const QUERY: Question = { method: 'QUERY', body: HOUSE };

describe('an answer that a client has already', () => {
  let tag: string;
  beforeAll(async () => {
    tag = tagOf(await ask(server, GET));
  });

  test.each([
    ['its own tag', (own: string) => own],
    ['the tag made weak', (own: string) => `W/${own}`],
    ['a list with the tag in it', (own: string) => `"another", ${own} , W/"more"`],
    ['any', () => '*'],
    ['the tag of the answer in gzip', (own: string) => `${own.slice(0, -1)}-gzip"`],
  ])('is not sent again for %s', async (_, given) => {
    for (const question of [{}, { method: 'HEAD' }, QUERY]) {
      const path = question === QUERY ? PREDICT : GET;
      const { status, bytes, headers } = await ask(server, path, asked(given(tag), question));
      expect([status, bytes.length]).toEqual([304, 0]);
      expect(headers.etag).toMatch(/^"[A-Za-z0-9_-]+(-gzip)?"$/);
      expect(headers).toMatchObject({ vary: expect.stringMatching(/Accept/) as string });
      expect(headers['cache-control']).toBe('private, no-cache');
    }
  });

  test.each(['"another"', 'W/"another"', '', '"', 'another', '"*"'])('is sent for %j', async (given) => {
    const { status, json } = await ask(server, GET, asked(given));
    expect([status, (json as { prediction: number[] }).prediction[0]]).toEqual([200, PRICE]);
  });

  test('is always sent to a POST, which has no tag', async () => {
    for (const given of [tag, '*']) {
      const { status, headers } = await ask(server, PREDICT, asked(given, { body: HOUSE }));
      expect([status, headers.etag]).toEqual([200, undefined]);
    }
  });

  test('costs no inference, and is on record', async () => {
    const { headers } = await ask(server, GET, asked(tag));
    const [record] = (await records(server)).filter(({ id }) => id === headers['x-request-id']);
    expect(record).toMatchObject({
      status: 304,
      outcome: 'ok',
      model: 'boston-housing',
      cache: 'revalidated',
      batch: null,
    });
  });
});

describe('a tag', () => {
  test('is the same for the same question, however it is put', async () => {
    const turned = Object.fromEntries(Object.entries(HOUSE).reverse());
    const tags = [
      tagOf(await ask(server, GET)),
      tagOf(await ask(server, `${PREDICT}?${queryOf(turned)}`)),
      tagOf(await ask(server, GET, { method: 'HEAD' })),
      tagOf(await ask(server, PREDICT, QUERY)),
      tagOf(await ask(server, PREDICT, { ...QUERY, body: turned })),
    ];
    expect(new Set(tags).size).toBe(1);
  });

  test('is another for another question, version, form or coding', async () => {
    const gzip = { headers: { 'accept-encoding': 'gzip' } };
    const many = { method: 'QUERY', body: Array.from({ length: 50 }, () => HOUSE) };
    const tags = [
      tagOf(await ask(server, GET)),
      tagOf(await ask(server, `${PREDICT}?${queryOf({ ...HOUSE, RM: 6 })}`)),
      tagOf(await ask(server, GET.replace('/predict', '/versions/2/predict'))),
      tagOf(await ask(server, PREDICT, { ...QUERY, body: [HOUSE] })),
      tagOf(await ask(server, PREDICT, many)),
      tagOf(await ask(server, PREDICT, { ...many, ...gzip })),
    ];
    expect(tags.every((one) => /^"[^"]+"$/.test(one))).toBe(true);
    expect(new Set(tags).size).toBe(tags.length);
  });
});

describe('QUERY', () => {
  test('says where the same answer can be got, and what it takes', async () => {
    const answer = await ask(server, PREDICT, QUERY);
    expect(answer.headers['accept-query']).toBe('"application/json"');
    const location = answer.headers['content-location'] as string;
    const again = await ask(server, location);
    expect([again.status, tagOf(again)]).toEqual([200, tagOf(answer)]);
    const [one, other] = [answer.json, again.json] as { prediction: unknown; input: unknown }[];
    expect([other?.prediction, other?.input]).toEqual([one?.prediction, one?.input]);
  });

  test('of several rows has no address', async () => {
    const { headers } = await ask(server, PREDICT, { method: 'QUERY', body: [HOUSE, HOUSE] });
    expect(headers['content-location']).toBeUndefined();
  });
});

describe('what model.json says', () => {
  const get = (name: string, x = 1): Promise<Reply> =>
    ask(shared, `/v1/models/${name}/predict?${name === 'random' ? `f0=${x}` : `f0=${x}&f1=0`}`);

  test('is what Cache-Control says', async () => {
    expect((await get('open')).headers['cache-control']).toBe('public, max-age=3600');
    expect((await get('own')).headers['cache-control']).toBe('private, max-age=90');
  });

  test('an answer with chance in it is never kept, and has no tag', async () => {
    const answers = [await get('random'), await get('random')];
    for (const { headers } of answers)
      expect([headers['cache-control'], headers.etag, headers['cache-status']]).toEqual([
        'no-store',
        undefined,
        undefined,
      ]);
    const [one, other] = answers.map(({ json }) => (json as { prediction: number[] }).prediction[0]);
    expect(one).not.toBe(other);
  });

  test('the server answers the same question from its cache until the file changes', async () => {
    const [first, second] = [await get('own', 5), await get('own', 5)];
    expect(first.headers['cache-status']).toBe('Oriel; fwd=miss; stored');
    expect(second.headers['cache-status']).toMatch(/^Oriel; hit/);
    expect((second.json as { prediction: number[] }).prediction).toEqual([10, 0]);
    copyFileSync(TRIPLES, join(models, 'own/1/model.onnx'));
    await ask(shared, '/v2/repository/models/own/load', { method: 'POST', body: {} });
    const third = await get('own', 5);
    expect((third.json as { prediction: number[] }).prediction).toEqual([15, 0]);
    expect(third.headers['cache-status']).toMatch(/miss/);
    expect(tagOf(third)).not.toBe(tagOf(first));
  });
});
