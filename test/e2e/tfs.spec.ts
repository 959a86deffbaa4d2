import { get, post, recordOf } from '../client.js';
import { APARTMENT, PRICE } from '../houses.js';
import { MODELS, Server } from '../server.js';

let boston: Server;
let tiny: Server;

beforeAll(async () => {
  [boston, tiny] = await Promise.all([Server.of(MODELS), Server.of('test/fixtures/tongues')]);
});

const PREDICT = '/v1/models/boston-housing:predict';

async function answer(server: Server, path: string, body: unknown): Promise<unknown> {
  const response = await post(server, path, body);
  const json: unknown = await response.json();
  expect({ status: response.status, json }).toMatchObject({ status: 200 });
  return json;
}

async function faults(server: Server, path: string, body: unknown): Promise<string[]> {
  const response = await post(server, path, body);
  expect(response.status).toBe(422);
  const { errors } = (await response.json()) as { errors: { pointer: string; detail: string }[] };
  return errors.map(({ pointer }) => pointer);
}

describe('the row form', () => {
  test('takes features by name, the input by name and the bare row, and keeps the shape of a row', async () => {
    const values = Object.values(APARTMENT);
    expect(
      await answer(boston, PREDICT, {
        signature_name: 'serving_default',
        instances: [APARTMENT, { input: values }, values],
      }),
    ).toEqual({ predictions: [[PRICE], [PRICE], [PRICE]] });
  });

  test('is asked of a version and of a label', async () => {
    for (const choice of ['/versions/1', '/labels/stable']) {
      const path = `/v1/models/boston-housing${choice}:predict`;
      expect(await answer(boston, path, { instances: [APARTMENT] })).toEqual({ predictions: [[PRICE]] });
    }
  });

  test('names several outputs, row by row, and reads base64 as text', async () => {
    expect(
      await answer(tiny, '/v1/models/mixed:predict', {
        instances: [
          { a: [1], b: [2], t: 'ż' },
          { a: 3, b: 4, t: { b64: 'xbw=' } },
        ],
      }),
    ).toEqual({
      predictions: [
        { sum: [3], text: 'ż' },
        { sum: [7], text: 'ż' },
      ],
    });
  });

  test('reads base64 as bytes for uint8', async () => {
    expect(
      await answer(tiny, '/v1/models/bytes:predict', {
        instances: [{ b64: 'AAEC/w==' }, { x: { b64: 'AAEC/w==' } }, [0, 1, 2, 255]],
      }),
    ).toEqual({ predictions: Array.from({ length: 3 }, () => [0, 1, 2, 255]) });
  });

  test('writes what JSON has no number for as strings, and reads it so', async () => {
    expect(
      await answer(tiny, '/v1/models/reciprocal:predict', { instances: [0, 2, 'NaN', '-Infinity'] }),
    ).toEqual({ predictions: ['Infinity', 0.5, 'NaN', 0] });
    expect(await answer(tiny, '/v1/models/long:predict', { instances: ['9007199254740993', 7] })).toEqual({
      predictions: ['9007199254740993', 7],
    });
  });

  test('answers no rows with no predictions', async () => {
    expect(await answer(boston, PREDICT, { instances: [] })).toEqual({ predictions: [] });
  });

  test('names every fault where the caller wrote it', async () => {
    const { RM: _rm, ...missing } = APARTMENT;
    expect(
      await faults(boston, PREDICT, {
        instances: [APARTMENT, { ...APARTMENT, RM: 'x', EXTRA: 1 }, missing, [1], Array(13).fill(null)],
        more: 1,
      }),
    ).toEqual(
      expect.arrayContaining([
        '/more',
        '/instances/1/RM',
        '/instances/1/EXTRA',
        '/instances/2/RM',
        '/instances/3',
        '/instances/4/12',
      ]),
    );
    expect(
      await faults(tiny, '/v1/models/mixed:predict', {
        instances: [{ a: [1], b: ['x'], t: { b64: '%%' } }, 5],
      }),
    ).toEqual(['/instances/0/t/b64', '/instances/0/b/0', '/instances/1']);
  });
});

describe('the column form', () => {
  test('takes columns by feature, the tensor by the name of its input, and the bare tensor', async () => {
    const columns = Object.fromEntries(
      Object.entries(APARTMENT).map(([name, value]) => [name, [value, value]]),
    );
    const row = Object.values(APARTMENT);
    for (const inputs of [columns, { input: [row, row] }, [row, row]]) {
      expect(await answer(boston, PREDICT, { inputs })).toEqual({ outputs: [[PRICE], [PRICE]] });
    }
  });

  test('names several outputs', async () => {
    expect(
      await answer(tiny, '/v1/models/mixed:predict', { inputs: { a: [[1], [2]], b: [3, 4], t: ['x', 'y'] } }),
    ).toEqual({ outputs: { sum: [[4], [6]], text: ['x', 'y'] } });
  });

  test('takes tensors as they are for a model without rows', async () => {
    expect(
      await answer(tiny, '/v1/models/whole:predict', { inputs: { x: [1, 2, 3], y: [1, 1, 1] } }),
    ).toEqual({ outputs: [2, 3, 4] });
  });

  test('names every fault where the caller wrote it', async () => {
    expect(
      await faults(tiny, '/v1/models/mixed:predict', {
        inputs: { a: [[1], ['x']], b: [3], u: [], t: { b64: '' } },
      }),
    ).toEqual(['/inputs/b', '/inputs/u', '/inputs/t', '/inputs/a/1/0']);
  });
});

describe('what is refused', () => {
  test('an unknown signature, by its name', async () => {
    const response = await post(boston, PREDICT, { signature_name: 'classify', instances: [] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'unknown-signature',
      detail: expect.stringContaining('classify') as string,
      errors: [{ pointer: '/signature_name' }],
    });
  });

  test('both forms at once, neither, and no object', async () => {
    expect(await faults(boston, PREDICT, { instances: [], inputs: [] })).toEqual(['/inputs']);
    expect(await faults(boston, PREDICT, {})).toEqual(['']);
    expect(await faults(boston, PREDICT, [])).toEqual(['']);
  });

  test('every method but POST', async () => {
    for (const path of [
      PREDICT,
      '/v1/models/boston-housing/versions/1:predict',
      '/v1/models/boston-housing/labels/stable:predict',
    ]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const response = await get(boston, path, method);
        expect([method, response.status, response.headers.get('allow')]).toEqual([
          method,
          405,
          'OPTIONS, POST',
        ]);
      }
    }
  });

  test('unknown models, versions and verbs', async () => {
    for (const path of [
      '/v1/models/nope:predict',
      '/v1/models/boston-housing/versions/9:predict',
      '/v1/models/boston-housing:explain',
    ])
      expect((await post(boston, path, { instances: [] })).status).toBe(404);
  });
});

describe('what clients ask first', () => {
  test('the status of a model and of a version', async () => {
    const available = (version: string): unknown => ({
      version,
      state: 'AVAILABLE',
      status: { error_code: 'OK', error_message: '' },
    });
    expect(await (await get(boston, '/v1/models/boston-housing')).json()).toMatchObject({
      name: 'boston-housing',
      ready: true,
      model_version_status: [available('2'), available('1')],
    });
    for (const path of ['/v1/models/boston-housing/versions/1', '/v1/models/boston-housing/labels/stable']) {
      expect(await (await get(boston, path)).json()).toMatchObject({
        model_version_status: [available('1')],
      });
    }
  });

  test('the names of the models', async () => {
    expect(await (await get(boston, '/v1/models')).json()).toMatchObject({ models: ['boston-housing'] });
  });

  test('metadata', async () => {
    expect(await (await get(tiny, '/v1/models/mixed/versions/1/metadata')).json()).toMatchObject({
      model_spec: { name: 'mixed', version: '1' },
      metadata: {
        signature_def: {
          signature_def: {
            serving_default: {
              inputs: {
                a: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: '-1' }, { size: '1' }] }, name: 'a' },
                t: { dtype: 'DT_STRING' },
              },
              outputs: { sum: { dtype: 'DT_FLOAT' } },
              method_name: 'tensorflow/serving/predict',
            },
          },
        },
      },
    });
    expect((await get(boston, '/v1/models/boston-housing/labels/stable/metadata')).status).toBe(200);
  });
});

test('a prediction is on record with the body that asked for it', async () => {
  const body = { instances: [APARTMENT] };
  const response = await post(boston, PREDICT, body);
  expect(await recordOf(boston, response)).toMatchObject({
    model: 'boston-housing',
    version: '1',
    batch: 1,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    input: body,
    output: { predictions: [[PRICE]] },
  });
});
