import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { ask } from '../client.js';
import { HOUSE, PREDICT, PRICE } from '../houses.js';
import { Server, temporaryFolder } from '../server.js';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}
interface Parameter {
  name: string;
  in: string;
  example: unknown;
}
type Content = Record<
  string,
  {
    schema: {
      oneOf: [{ properties: Record<string, unknown>; required: string[]; additionalProperties: boolean }];
    };
    examples: Record<string, { value: unknown }>;
  }
>;

const folder = temporaryFolder();
let server: Server;
let document: Document;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: folder });
  document = (await ask(server, '/openapi.json')).json as Document;
});

test('the document is OpenAPI 3.2 with every route', () => {
  expect(document.openapi).toBe('3.2.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      PREDICT,
      '/v1/models/boston-housing/versions/1/predict',
      '/v1/models/boston-housing/versions/2/predict',
      '/v1/models/boston-housing/labels/stable/predict',
      '/v1/models/boston-housing/labels/canary/predict',
      '/v1/models',
      '/v1/models/{model}',
      '/v1/models/{model}/versions/{version}',
      '/v1/audit/requests',
      '/v1/audit/requests/{id}',
      '/health/ready',
    ]),
  );
});

test('every reference of the document leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(0);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty([name!]);
});

test('every operation says which problems it may answer with', () => {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, path, ...operation })),
  );
  expect(operations.length).toBeGreaterThan(30);
  for (const { name, path, requestBody, responses } of operations) {
    const expected = ['400', '414', '431', '500'];
    if (!/health|ping|metrics/.test(path) && path !== '/version') expected.push('503');
    if (/^\/v[12]\//.test(path)) expected.push('406');
    if (path.includes('{')) expected.push('404');
    if (requestBody) expected.push('408', '413', '415');
    expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(expected)]);
    for (const [status, { description, content = {} }] of Object.entries(responses)) {
      if (/health|audit/.test(path)) expect([name, status, description]).not.toEqual([name, status, '']);
      const types =
        path.startsWith('/health') && status === '503' ? ['json', 'health+json'] : ['problem+json'];
      if (Number(status) >= 400)
        expect([name, Object.keys(content)]).toEqual([name, types.map((type) => `application/${type}`)]);
    }
  }
});

test("the model's body is typed, by its features", () => {
  const [row] = document.paths[PREDICT]!.post!.requestBody!.content['application/json']!.schema.oneOf;
  expect(Object.keys(row.properties).sort()).toEqual(Object.keys(HOUSE).sort());
  expect([...row.required].sort()).toEqual(Object.keys(HOUSE).sort());
  expect(row.additionalProperties).toBe(false);
  expect(row.properties.CHAS).toMatchObject({ type: 'number', minimum: 0, maximum: 1 });
});

test('the examples of the document work', async () => {
  const { one, many } = document.paths[PREDICT]!.post!.requestBody!.content['application/json']!.examples;
  const single = await ask(server, PREDICT, { body: one!.value });
  expect(single.json).toMatchObject({ prediction: [expect.closeTo(PRICE, 4)] });
  const several = await ask(server, PREDICT, { body: many!.value });
  expect(several.json).toMatchObject({
    predictions: [[expect.closeTo(PRICE, 4)], [expect.closeTo(PRICE, 4)]],
  });
  const query = document.paths[PREDICT]!.get!.parameters!.filter((parameter) => parameter.in === 'query').map(
    ({ name, example }) => `${name}=${String(example)}`,
  );
  const asked = await ask(server, `${PREDICT}?${query.join('&')}`);
  expect(asked.json).toMatchObject({ prediction: [expect.closeTo(PRICE, 4)] });
});

test('the page of the documentation is served, with all that it loads', async () => {
  const page = await ask(server, '/docs');
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toMatch(/^text\/html/);
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
  expect(assets.length).toBeGreaterThan(2);
  for (const url of assets) {
    const { pathname } = new URL(url, `${server.url}/docs`);
    expect([pathname, (await ask(server, pathname)).status]).toEqual([pathname, 200]);
  }
});

describe('compression', () => {
  test.each([['/openapi.json'], ['/v1/models']])('of %s changes nothing but its bytes', async (path) => {
    const plain = await ask(server, path);
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const [encoding, decode] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const packed = await ask(server, path, { headers: { 'accept-encoding': encoding } });
      expect(packed.headers['content-encoding']).toBe(encoding);
      expect(packed.headers.vary).toMatch(/accept-encoding/i);
      expect(packed.headers['content-type']).toBe(plain.headers['content-type']);
      expect(packed.bytes.length).toBeLessThan(plain.bytes.length);
      expect(decode(packed.bytes).toString()).toBe(plain.text);
    }
  });

  test('is not forced on a small answer', async () => {
    const { headers, json } = await ask(server, PREDICT, {
      body: HOUSE,
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(headers['content-encoding']).toBeUndefined();
    expect(json).toMatchObject({ prediction: [expect.closeTo(PRICE, 4)] });
  });

  test('of a request is undone', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const body = gzipSync(JSON.stringify(HOUSE));
    const { status, json } = await ask(server, PREDICT, { method: 'POST', headers, body });
    expect(status).toBe(200);
    expect(json).toMatchObject({ input: HOUSE, prediction: [expect.closeTo(PRICE, 4)] });
  });
});
