import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModelProto } from '../../src/prediction/onnx/proto.js';
import { ask } from '../client.js';
import { PROJECT, Server, temporaryFolder } from '../server.js';

type Edge = [name: string, sizes: (number | string)[], type?: number];
type NodeOf = [operator: string, inputs: string[], outputs: string[], more?: object];

const FLOAT = 1;
const BFLOAT16 = 16;
const EXTERNAL = 1;

const edge = ([name, sizes, elemType = FLOAT]: Edge): object => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: {
        dim: sizes.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })),
      },
    },
  },
});

/** A model of a graph that takes x `[n, 2]` and gives y. */
function model(
  nodes: NodeOf[],
  more: { edges?: [Edge[], Edge[]]; initializer?: object[]; sparse?: object[]; opset?: number } = {},
): Uint8Array {
  const [inputs, outputs] = more.edges ?? [[['x', ['n', 2]]], [['y', ['n', 2]]]];
  return ModelProto.encode(
    ModelProto.create({
      irVersion: 8,
      opsetImport: [{ domain: '', version: more.opset ?? 17 }],
      graph: {
        name: 'graph',
        node: nodes.map(([opType, input, output, rest]) => ({ opType, input, output, ...rest })),
        initializer: more.initializer ?? [],
        sparseInitializer: more.sparse ?? [],
        input: inputs.map(edge),
        output: outputs.map(edge),
      },
    }),
  ).finish();
}

/** Adds weights `[2]` that lie in a file. */
const weights = (location: string): Uint8Array =>
  model([['Add', ['x', 'w'], ['y']]], {
    initializer: [
      {
        name: 'w',
        dataType: FLOAT,
        dims: [2],
        dataLocation: EXTERNAL,
        externalData: [{ key: 'location', value: location }],
      },
    ],
  });

/** y = x + w + b, with w in a file and an input b that has a value of its own: 10, 20. */
const OPTIONAL = model(
  [
    ['Add', ['x', 'w'], ['a']],
    ['Add', ['a', 'b'], ['y']],
  ],
  {
    edges: [
      [
        ['x', ['n', 2]],
        ['b', [2]],
      ],
      [['y', ['n', 2]]],
    ],
    initializer: [
      {
        name: 'w',
        dataType: FLOAT,
        dims: [2],
        dataLocation: EXTERNAL,
        externalData: [{ key: 'location', value: 'w.bin' }],
      },
      { name: 'b', dataType: FLOAT, dims: [2], floatData: [10, 20] },
    ],
  },
);

const CASES: Record<string, readonly [Uint8Array, reason: RegExp]> = {
  cyclic: [model([['Add', ['x', 'b'], ['a']], ['Identity', ['a'], ['b']], ['Identity', ['a'], ['y']]]), /cycle|nothing makes/],
  'unknown-operator': [model([['Telepathy', ['x'], ['y']]]), /operator Telepathy.*does not know/],
  'newer-opset': [model([['Identity', ['x'], ['y']]], { opset: 999 }), /newer opset/],
  'missing-weights': [model([['Add', ['x', 'w'], ['y']]]), /nothing makes/],
  'wrong-types': [model([['And', ['x', 'x'], ['y']]]), /types/],
  'wrong-shapes': [model([['MatMul', ['x', 'w'], ['y']]], { initializer: [{ name: 'w', dataType: FLOAT, dims: [3, 2], floatData: [1, 2, 3, 4, 5, 6] }] }), /shapes/],
  'brain-floats': [model([['Identity', ['x'], ['y']]], { edges: [[['x', ['n', 2], BFLOAT16]], [['y', ['n', 2], BFLOAT16]]] }), /bfloat16/i],
  'impossible-size': [model([['Identity', ['x'], ['y']]], { edges: [[['x', ['n', 2 ** 40]]], [['y', ['n', 2 ** 40]]]] }), /size|large|elements/i],
  'weights-missing': [weights('nowhere.bin'), /"nowhere\.bin", is missing/],
  'weights-outside': [weights('../../../etc/hostname'), /outside its own folder/],
  'weights-absolute': [weights('/etc/hostname'), /outside its own folder/],
  'weights-sparse': [model([['Add', ['x', 'w'], ['y']]], { sparse: [{ values: { name: 'w', dataType: FLOAT, dims: [1], dataLocation: EXTERNAL, externalData: [{ key: 'location', value: '/etc/hostname' }] }, indices: { dataType: 7, dims: [1], int64Data: [1] }, dims: [2] }] }), /outside its own folder/],
  'weights-linked': [weights('link.bin'), /through a link/],
  'weights-folder': [weights('folder'), /not a regular file/],
  'weights-short': [weights('short.bin'), /external data|damaged|words/],
}; // prettier-ignore

let server: Server;

beforeAll(async () => {
  const models = temporaryFolder();
  const put = (path: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(models, path)), { recursive: true });
    writeFileSync(join(models, path), bytes);
  };
  for (const [name, [bytes]] of Object.entries(CASES)) put(`${name}/1/model.onnx`, bytes);
  symlinkSync('/etc/hostname', join(models, 'weights-linked/1/link.bin'));
  mkdirSync(join(models, 'weights-folder/1/folder'));
  put('weights-short/1/short.bin', 'abc');
  put('good/1/model.onnx', weights('w.bin'));
  put('good/1/w.bin', new Uint8Array(Float32Array.of(1, 2).buffer));
  put('optional/1/model.onnx', OPTIONAL);
  put('optional/1/w.bin', new Uint8Array(Float32Array.of(1, 2).buffer));
  put('older/1/model.onnx', '');
  copyFileSync(join(PROJECT, 'test/fixtures/load/doubles.onnx'), join(models, 'older/1/model.onnx'));
  server = await Server.of(models);
});

test.each(Object.entries(CASES))('%s is listed with its reason, and refused', async (name, [, reason]) => {
  const { json } = await ask(server, `/v1/models/${name}`);
  const [version] = (json as { versions: { state: string; reason: string }[] }).versions;
  expect([version?.state, version?.reason]).toEqual(['failed', expect.stringMatching(reason)]);
  expect(version?.reason).not.toMatch(/onnxruntime|\/onnx|0x[0-9a-f]/); // nothing of the runtime's own words
  const { status } = await ask(server, `/v1/models/${name}/predict`, { body: { f0: 1, f1: 2 } });
  expect(status).toBe(503);
});

test('the others are served, also from weights beside the model', async () => {
  const predict = async (name: string): Promise<unknown> =>
    (await ask(server, `/v1/models/${name}/predict`, { body: { f0: 1, f1: 2 } })).json;
  expect(await predict('good')).toMatchObject({ prediction: [2, 4] });
  expect(await predict('older')).toMatchObject({ prediction: [2, 4] });
});

test('weights beside a model are found also where an input that has a value is given another', async () => {
  const x = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 1] };
  const b = { name: 'b', datatype: 'FP32', shape: [2], data: [100, 200] };
  const infer = async (inputs: unknown[]): Promise<unknown> =>
    (await ask(server, '/v2/models/optional/infer', { body: { inputs } })).json;
  expect(await infer([x])).toMatchObject({ outputs: [{ name: 'y', data: [12, 23] }] });
  expect(await infer([x, b])).toMatchObject({ outputs: [{ name: 'y', data: [102, 203] }] });
});
