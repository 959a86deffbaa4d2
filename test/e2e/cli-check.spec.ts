import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { oriel, type Ended } from '../cli.js';
import { endless, modelOf } from '../onnx.js';
import { MODELS, Server, temporaryFolder } from '../server.js';

const HOUSES = join(MODELS, 'boston-housing');
const LINEAR = join(HOUSES, '1/model.onnx');

interface Report {
  ok: boolean;
  versions: {
    model: string;
    version: string;
    example: string;
    curl?: string;
    problems: { pointer?: string; detail: string }[];
    served?: Record<string, unknown>;
  }[];
  problems: { at: string; pointer?: string; detail: string }[];
}

async function reported(
  path: string,
  environment: Record<string, string> = {},
): Promise<Report & { code: Ended['code'] }> {
  const { code, stdout, stderr } = await oriel(['check', path, '--json'], { environment });
  if (stderr !== '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Report), code };
}

/** A folder with the given files in it. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

test('tells what would be served, and the line to ask it works', async () => {
  const { code, ok, versions, problems } = await reported(MODELS);
  expect({ code, ok, problems }).toEqual({ code: 0, ok: true, problems: [] });
  expect(versions.map(({ model, version, example }) => [model, version, example])).toEqual([
    ['boston-housing', '1', 'right'],
    ['boston-housing', '2', 'right'],
  ]);
  expect(versions[0]?.served).toMatchObject({
    producer: expect.stringMatching(/^skl2onnx/) as string,
    opset: 13,
    inputs: [{ name: 'input', type: 'float64', shape: ['N', 13] }],
    batching: 'rows',
    random: false,
    cacheControl: 'private, no-cache',
    digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  const server = await Server.of(MODELS);
  const line = (versions[0]?.curl ?? '').replace('http://127.0.0.1:8000', server.url);
  const { stdout } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toMatchObject({ prediction: [expect.closeTo(30.0038, 1)] });
  await server.stop();
});

test('is read by a person without --json', async () => {
  const { code, stdout } = await oriel(['check', HOUSES + '/1/model.onnx']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^boston-housing, version 1: can be served\n/);
  for (const line of ['input: float64 [N, 13]', 'is answered as model.json says', 'curl -s http://'])
    expect(stdout).toContain(line);
});

test('names everything that is wrong, with its place in model.json', async () => {
  const config = JSON.parse(readFileSync(join(HOUSES, 'model.json'), 'utf8')) as Record<string, unknown>;
  const folder = folderOf({
    'example/model.json': JSON.stringify({ ...config, labels: {}, defaultLabel: undefined, example: { ...(config.example as object), prediction: [7] } }),
    'features/model.json': JSON.stringify({ features: ['RM'] }),
    'keys/model.json': JSON.stringify({ titel: 'x', batching: { maxRows: 0 }, labels: { stable: '1' } }),
    'labels/model.json': JSON.stringify({ labels: { canary: '2' } }),
    'text/model.json': '{',
    'operator/model.onnx': modelOf({ nodes: [['NoSuchOperator', ['x'], ['y']]] }),
    'opset/model.onnx': modelOf({ nodes: [['Identity', ['x'], ['y']]] }, 99),
    'cut/model.onnx': readFileSync(LINEAR).subarray(0, 300),
  }); // prettier-ignore
  for (const name of ['example', 'features', 'keys', 'labels', 'text'])
    cpSync(LINEAR, join(folder, name, 'model.onnx'));
  const { code, versions, problems } = await reported(folder);
  expect(code).toBe(1);
  const of = (name: string): unknown => versions.find(({ model }) => model === name)?.problems;
  expect(of('example')).toEqual([
    { detail: expect.stringMatching(/^The example is answered with \[30\.0/) as string },
  ]);
  expect(of('features')).toEqual([{ pointer: '/features', detail: 'names 1 features, the model takes 13' }]);
  expect(of('keys')).toEqual(
    expect.arrayContaining([
      { pointer: '/titel', detail: 'is not a known key' },
      expect.objectContaining({ pointer: '/batching/maxRows' }),
    ]),
  );
  expect(of('text')).toEqual([{ pointer: '', detail: 'is not valid JSON' }]);
  expect(of('operator')).toEqual([{ detail: expect.stringMatching(/operator NoSuchOperator/) as string }]);
  expect(of('opset')).toEqual([{ detail: expect.stringMatching(/opset/) as string }]);
  expect(of('cut')).toEqual([{ detail: 'The file is not an ONNX model, or it is cut off.' }]);
  expect(of('labels')).toEqual([]);
  expect(problems).toEqual([
    { at: 'labels', pointer: '/labels/canary', detail: 'names the version 2, which is not there' },
  ]);
});

test('outlives a model that never comes to an end, and goes on with the next', async () => {
  const folder = folderOf({ 'endless.onnx': endless() });
  cpSync(LINEAR, join(folder, 'good.onnx'));
  const { code, versions } = await reported(folder, { ORIEL_LOAD_TIMEOUT: '2s' });
  expect(code).toBe(1);
  expect(versions.map(({ model, problems }) => [model, problems.length])).toEqual([
    ['endless', 1],
    ['good', 0],
  ]);
  expect(versions[0]?.problems[0]?.detail).toMatch(/not loaded and tried within 2s/);
});

const pickle = spawnSync('python3', [
  '-c',
  'import pickle,sys; sys.stdout.buffer.write(pickle.dumps([1]*100))',
]).stdout;
const safetensors = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a":1}')]);

test.each([
  ['model.pkl', pickle, /pickle of Python.*skl2onnx/],
  ['model.onnx', pickle, /pickle of Python.*skl2onnx/],
  ['model.pt', Buffer.from('PK\u0003\u0004............archive/data.pkl'), /PyTorch.*torch\.onnx\.export/],
  ['model.keras', Buffer.from('PK\u0003\u0004............metadata.json'), /Keras.*tf2onnx/],
  ['model.h5', Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0]), /HDF5.*tf2onnx/],
  ['model.tflite', Buffer.from('\u001c\0\0\0TFL3........'), /TensorFlow Lite.*--tflite/],
  ['model.safetensors', safetensors, /safetensors.*optimum/],
  ['model.onnx', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /Git LFS/],
  ['saved_model.pb', Buffer.from([8, 1]), /SavedModel of TensorFlow/],
])('says of %s what it is and what to do with it', async (name, bytes, sentence) => {
  const folder = folderOf({ [name]: bytes });
  const { code, versions, problems } = await reported(
    name === 'saved_model.pb' ? folder : join(folder, name),
  );
  expect(code).toBe(1);
  expect([...versions.flatMap((one) => one.problems), ...problems].map(({ detail }) => detail)).toEqual([
    expect.stringMatching(sentence),
  ]);
});

test('says of a folder without models what lies in it', async () => {
  const { problems } = await reported(folderOf({ 'house.pkl': pickle, 'readme.txt': 'nothing' }));
  expect(problems).toEqual([
    { at: expect.stringMatching(/house\.pkl$/) as string, detail: expect.stringMatching(/pickle/) as string },
  ]);
  const empty = await reported(temporaryFolder());
  expect(empty).toMatchObject({
    code: 1,
    problems: [{ detail: expect.stringMatching(/^There is no model here/) as string }],
  });
  expect(await oriel(['check', '/nowhere'])).toMatchObject({
    code: 2,
    stderr: 'There is nothing at /nowhere.\n',
  });
});
