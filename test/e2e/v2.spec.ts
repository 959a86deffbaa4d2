import { gzipSync } from 'node:zlib';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, temporaryFolder } from '../server.js';

let server: Server;
let models: string;
beforeAll(async () => {
  models = temporaryFolder();
  cpSync('test/fixtures/models', models, { recursive: true });
  server = await Server.of(models);
});

type Json = Record<string, unknown>;

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
}

async function ask(path: string, body?: unknown, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(server.url + path, {
    ...(body === undefined
      ? {}
      : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
    ...init,
  });
  const text = await response.text();
  const json = (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {}) as Json;
  return { status: response.status, headers: response.headers, text, json };
}

const x = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] };

async function askBytes(
  model: string,
  json: unknown,
  bytes: Uint8Array,
  type: string | null = 'application/octet-stream',
): Promise<{ status: number; headers: Headers; json: Json; rest: Uint8Array }> {
  const head = json === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(json));
  const response = await fetch(`${server.url}/v2/models/${model}/infer`, {
    method: 'POST',
    body: new Uint8Array(Buffer.concat([head, bytes])),
    headers: {
      'inference-header-content-length': String(head.length),
      ...(type === null ? {} : { 'content-type': type }),
    },
  });
  const all = new Uint8Array(await response.arrayBuffer());
  const length = Number(response.headers.get('inference-header-content-length') ?? all.length);
  return {
    status: response.status,
    headers: response.headers,
    json: JSON.parse(Buffer.from(all.subarray(0, length)).toString()) as Json,
    rest: all.slice(length),
  };
}

describe('the server and its models', () => {
  it('is live, ready and says what it is', async () => {
    expect((await ask('/v2/health/live')).json).toEqual({ live: true });
    expect((await ask('/v2/health/ready')).json).toEqual({ ready: true });
    expect((await ask('/v2')).json).toMatchObject({
      name: 'oriel',
      extensions: expect.any(Array) as unknown,
    });
  });

  it('tells what a model takes and gives', async () => {
    const whole = (await ask('/v2/models/same-fp16')).json;
    expect(whole).toEqual({
      name: 'same-fp16',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP16', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP16', shape: [-1, 2] }],
    });
    expect((await ask('/v2/models/same-fp16/versions/1')).json).toEqual(whole);
    expect((await ask('/v2/models/same-fixed/config')).json).toMatchObject({
      max_batch_size: 0,
      input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [2, 3] }],
    });
    expect((await ask('/v2/models/same-fp16/versions/1/ready')).json).toEqual({
      name: 'same-fp16',
      ready: true,
    });
  });

  it('refuses what it does not know with a problem that also has `error`', async () => {
    for (const path of [
      '/v2/models/nobody',
      '/v2/models/nobody/ready',
      '/v2/models/same-fp16/versions/9',
      '/v2/nothing',
    ]) {
      const { status, headers, json } = await ask(path);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(json.error).toEqual(expect.any(String));
    }
  });
});

describe('inference in JSON', () => {
  it('echoes the id, and is on record like any other', async () => {
    const { status, headers, json } = await ask('/v2/models/same-fp32/infer', {
      id: 'mine',
      parameters: { timeout: 5_000_000 },
      inputs: [x],
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      id: 'mine',
      model_name: 'same-fp32',
      model_version: '1',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
    });
    const record = (await ask(`/v1/audit/requests/${headers.get('x-request-id')}`)).json;
    expect(record).toMatchObject({ model: 'same-fp32', version: '1', batch: 1, status: 200, output: json });
    expect(record.input).toMatchObject({ id: 'mine' });
  });

  it('reads and writes 64-bit integers digit by digit', async () => {
    const digits = '[-9223372036854775808,9223372036854775807]';
    const { text } = await ask(
      '/v2/models/same-int64/infer',
      `{"inputs":[{"name":"x","datatype":"INT64","shape":[1,2],"data":${digits}}]}`,
    );
    expect(text).toContain(`"data":${digits}`);
  });

  it('takes NaN and the infinities as texts, and gives them so', async () => {
    for (const [model, datatype] of [
      ['same-fp64', 'FP64'],
      ['same-fp16', 'FP16'],
    ]) {
      const data = ['NaN', '-Infinity'];
      const { json } = await ask(`/v2/models/${model}/infer`, { inputs: [{ ...x, datatype, data }] });
      expect((json.outputs as Json[])[0]?.data).toEqual(data);
    }
  });

  it('takes scalars, fixed sizes and single rows as the model has them', async () => {
    for (const [model, shape, data] of [
      ['same-scalar', [], [7]],
      [
        'same-fixed',
        [2, 3],
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      ['same-row', [1, 3], [[1, 2, 3]]],
    ] as const) {
      const { json } = await ask(`/v2/models/${model}/infer`, { inputs: [{ ...x, shape, data }] });
      expect((json.outputs as Json[])[0]).toMatchObject({ shape, data: data.flat() });
    }
  });

  it('joins requests that come together, and gives each its own', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        ask('/v2/models/add-sub/infer', {
          inputs: [
            { ...x, name: 'a', data: [n, n] },
            { ...x, name: 'b', data: [1, 2] },
          ],
          outputs: [{ name: 'difference' }, { name: 'sum' }],
        }),
      ),
    );
    answers.forEach(({ json }, n) =>
      expect((json.outputs as Json[]).map(({ data }) => data)).toEqual([
        [n - 1, n - 2],
        [n + 1, n + 2],
      ]),
    );
  });

  it('takes an optional input, or leaves it out', async () => {
    const factor = { name: 'factor', datatype: 'FP32', shape: [1], data: [10] };
    const dataOf = async (inputs: unknown[]) =>
      ((await ask('/v2/models/scaled/infer', { inputs })).json.outputs as Json[])[0]?.data;
    expect(await dataOf([x])).toEqual([2, 4]);
    expect(await dataOf([x, factor])).toEqual([10, 20]);
    expect(await dataOf([x])).toEqual([2, 4]);
  });

  it('names everything wrong at once, each with its pointer', async () => {
    const { status, json } = await ask('/v2/models/same-fp32/infer', {
      inputs: [{ ...x, datatype: 'INT8', shape: [2] }, { name: 'q' }],
      outputs: [{ name: 'r' }],
    });
    expect(status).toBe(400);
    expect((json.errors as Json[]).map(({ pointer }) => pointer)).toEqual([
      '/inputs/0/datatype',
      '/inputs/0/shape',
      '/inputs/1/name',
      '/outputs/0/name',
    ]);
    expect(json.error).toContain('must be FP32');
    expect((await ask('/v2/models/same-fp32/infer', '{')).json.error).toContain('not valid JSON');
    expect((await ask('/v2/models/same-fp32/infer', undefined, { method: 'POST' })).status).toBe(400);
  });

  it('takes a body without Content-Type, and one in gzip', async () => {
    const body = gzipSync(JSON.stringify({ inputs: [x] }));
    const headers = { 'content-encoding': 'gzip' };
    expect((await ask('/v2/models/same-fp32/infer', '', { body, headers })).status).toBe(200);
  });

  it('tells classes with their labels', async () => {
    const { json } = await ask('/v2/models/colours/infer', {
      inputs: [{ ...x, name: 'X', shape: [2, 2], data: [0, 0, 5, 0] }],
      outputs: [{ name: 'probabilities', parameters: { classification: 1 } }],
    });
    const [output] = json.outputs as Json[];
    expect(output).toMatchObject({ datatype: 'BYTES', shape: [2, 1] });
    expect(output?.data).toEqual([
      expect.stringMatching(/^0\.\d{6}:2:red$/),
      expect.stringMatching(/^0\.\d{6}:1:green$/),
    ]);
  });
});

describe('inference in bytes', () => {
  const floats = new Uint8Array(new Float32Array([1.5, -2]).buffer);
  const head = { name: 'x', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } };

  it.each([['application/octet-stream'], [null], ['application/json']])('takes them as %s', async (type) => {
    const { status, json, headers, rest } = await askBytes(
      'same-fp32',
      { id: 'b', inputs: [head], parameters: { binary_data_output: true } },
      floats,
      type,
    );
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(json).toMatchObject({
      id: 'b',
      outputs: [{ shape: [1, 2], parameters: { binary_data_size: 8 } }],
    });
    expect(rest).toEqual(floats);
  });

  it('mixes both forms, in and out', async () => {
    const { json, rest } = await askBytes(
      'add-sub',
      {
        inputs: [
          { ...x, name: 'a' },
          { ...head, name: 'b' },
        ],
        outputs: [{ name: 'sum', parameters: { binary_data: true } }, { name: 'difference' }],
      },
      floats,
    );
    expect(rest).toEqual(new Uint8Array(new Float32Array([2.5, 0]).buffer));
    expect((json.outputs as Json[])[1]?.data).toEqual([-0.5, 4]);
  });

  it('keeps only the JSON part on record', async () => {
    const { headers } = await askBytes('same-fp32', { inputs: [head] }, floats);
    const record = (await ask(`/v1/audit/requests/${headers.get('x-request-id')}`)).json;
    expect(record.input).toEqual({ inputs: [head] });
  });

  it('takes a raw body for the only input, and answers in bytes', async () => {
    const { json, rest } = await askBytes('same-fp32', undefined, floats);
    expect(json.outputs).toEqual([
      { name: 'y', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } },
    ]);
    expect(rest).toEqual(floats);
  });

  it('refuses bytes that do not fit, and texts that are no UTF-8 or hold NUL', async () => {
    expect((await askBytes('same-fp32', { inputs: [head] }, floats.subarray(1))).status).toBe(400);
    expect((await askBytes('same-fp32', undefined, floats.subarray(1))).status).toBe(400);
    for (const bad of [[0xff], [97, 0, 98]]) {
      const bytes = new Uint8Array([1, 0, 0, 0, 97, bad.length, 0, 0, 0, ...bad]);
      const input = { ...head, datatype: 'BYTES', parameters: { binary_data_size: bytes.length } };
      const { status, json } = await askBytes('same-bytes', { inputs: [input] }, bytes);
      expect(status).toBe(400);
      expect(json.error).toContain('UTF-8');
    }
    const flag = { ...head, datatype: 'BOOL', parameters: { binary_data_size: 2 } };
    expect((await askBytes('same-bool', { inputs: [flag] }, new Uint8Array([1, 2]))).status).toBe(400);
  });

  it('refuses bytes everywhere else', async () => {
    const headers = { 'content-type': 'application/octet-stream' };
    for (const path of ['/v1/models/same-fp32/predict', '/v2/repository/index'])
      expect((await ask(path, 'abc', { headers })).status).toBe(415);
    expect((await ask('/v2/models/same-fp32/infer', 'abc', { headers })).status).toBe(400);
  });
});

describe('the repository', () => {
  const stateOf = async (name: string): Promise<unknown> => {
    const { json } = await ask('/v2/repository/index', {});
    return (json as unknown as Json[]).find((one) => one.name === name)?.state;
  };

  it('lists, unloads and loads', async () => {
    expect(await stateOf('same-open')).toBe('READY');
    expect((await ask('/v2/repository/models/same-open/unload', {})).status).toBe(200);
    expect(await stateOf('same-open')).toBe('UNAVAILABLE');
    expect((await ask('/v2/models/same-open/ready')).status).toBe(400);
    expect((await ask('/v2/models/same-open/infer', { inputs: [x] })).json.code).toBe('model-unloaded');
    const ready = (await ask('/v2/repository/index', { ready: true })).json as unknown as Json[];
    expect(ready.map(({ name }) => name)).not.toContain('same-open');
    expect((await ask('/v2/repository/models/same-open/load', undefined, { method: 'POST' })).status).toBe(
      200,
    );
    expect((await ask('/v2/models/same-open/infer', { inputs: [x] })).status).toBe(200);
  });

  it('keeps the old version when the new one is broken, and says why', async () => {
    writeFileSync(join(models, 'same-int8/1/model.onnx'), 'no model');
    const { status, json } = await ask('/v2/repository/models/same-int8/load', {});
    expect(status).toBe(400);
    expect(json.error).toContain('not an ONNX model');
    const input = { ...x, datatype: 'INT8' };
    expect((await ask('/v2/models/same-int8/infer', { inputs: [input] })).status).toBe(200);
  });

  it('answers what a version had taken before it is swapped', async () => {
    const asked = Array.from({ length: 40 }, (_, n) =>
      ask('/v2/models/same-fp64/infer', { inputs: [{ ...x, datatype: 'FP64', data: [n, n] }] }),
    );
    const loads = [1, 2, 3].map(() => ask('/v2/repository/models/same-fp64/load', {}));
    for (const { status } of await Promise.all([...asked, ...loads])) expect(status).toBe(200);
  });

  it('refuses what it cannot do', async () => {
    rmSync(join(models, 'same-row'), { recursive: true });
    expect((await ask('/v2/repository/models/same-row/load', {})).status).toBe(400);
    const config = { parameters: { config: '{}' } };
    expect((await ask('/v2/repository/models/same-open/load', config)).json.errors).toEqual([
      expect.objectContaining({ pointer: '/parameters/config' }),
    ]);
    expect((await ask('/v2/repository/models/nobody/unload', {})).status).toBe(404);
  });
});

describe('statistics', () => {
  it('count rows, runs and requests, whatever tongue they came in', async () => {
    const input = { ...x, datatype: 'INT16', shape: [3, 2], data: [1, 2, 3, 4, 5, 6] };
    await ask('/v2/models/same-int16/infer', { inputs: [input] });
    await ask('/v1/models/same-int16/predict', { f0: 1, f1: 2 });
    const { json } = await ask('/v2/models/same-int16/versions/1/stats');
    expect((json.model_stats as Json[])[0]).toMatchObject({
      name: 'same-int16',
      version: '1',
      inference_count: 4,
      execution_count: 2,
      inference_stats: { success: { count: 2 }, fail: { count: 0 }, compute_infer: { count: 2 } },
      batch_stats: [{ batch_size: 1 }, { batch_size: 3 }],
    });
    expect(((await ask('/v2/models/stats')).json.model_stats as Json[]).length).toBeGreaterThan(10);
  });
});
