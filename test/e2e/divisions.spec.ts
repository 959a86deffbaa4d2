import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../client.js';
import { AttributeProto, ModelProto } from '../../src/prediction/onnx/proto.js';
import { BOOL, edge, FLOAT, graphOf, modelOf, subgraph } from '../onnx.js';
import { Server, temporaryFolder } from '../server.js';

const [INT32, INT64] = [6, 7];
const LEAST: Record<number, string> = { [INT32]: '-2147483648', [INT64]: '-9223372036854775808' };
const NAME: Record<number, string> = { [INT32]: 'INT32', [INT64]: 'INT64' };

/** y = x op d, of vectors. */
const dividing = (operator: string, type: number): Uint8Array =>
  modelOf({
    nodes: [[operator, ['x', 'd'], ['y']]],
    inputs: [
      ['x', ['n'], type],
      ['d', ['n'], type],
    ],
    outputs: [['y', ['n'], type]],
  });

/** The same, where the division is in a branch and of numbers that were computed. */
const inside = modelOf({
  nodes: [
    ['Add', ['x', 'zero'], ['moved']],
    [
      'If',
      ['yes'],
      ['y'],
      {
        attribute: ['then_branch', 'else_branch'].map((name) =>
          subgraph(name, {
            nodes: [['Div', ['moved', 'd'], ['out']]],
            inputs: [],
            outputs: [['out', ['n'], INT64]],
          }),
        ),
      },
    ],
  ],
  inputs: [
    ['x', ['n'], INT64],
    ['d', ['n'], INT64],
  ],
  outputs: [['y', ['n'], INT64]],
  initializer: [
    { name: 'zero', dataType: INT64, dims: [1], int64Data: [0] },
    { name: 'yes', dataType: BOOL, dims: [], int32Data: [1] },
  ],
});

/** The same, where the division is in a function, which tells no types. */
function called(operator: string, type: number, opset = 17): Uint8Array {
  const graph = {
    nodes: [['Part', ['x', 'd'], ['y'], { domain: 'own' }]],
    inputs: [
      ['x', ['n'], type],
      ['d', ['n'], type],
    ],
    outputs: [['y', ['n'], type]],
  } as const;
  const whole = {
    irVersion: 8,
    opsetImport: [17, 1].map((version, at) => ({ domain: ['', 'own'][at], version })),
    graph: graphOf(graph),
    functions: [
      {
        name: 'Part',
        domain: 'own',
        input: ['a', 'b'],
        output: ['c'],
        opsetImport: [{ domain: '', version: opset }],
        node: [{ opType: operator, input: ['a', 'b'], output: ['c'] }],
      },
    ],
  };
  return ModelProto.encode(ModelProto.create(whole)).finish();
}

/** The same, where it is in the body of a loop of one turn whose value tells no type, and again behind the loop. */
function looped(): Uint8Array {
  const body = graphOf({
    nodes: [
      ['Identity', ['going'], ['on']],
      ['Div', ['in', 'd'], ['out']],
    ],
  });
  const untold = (...names: string[]): object[] => names.map((name) => ({ name }));
  const turn = [edge(['turn', [], INT64]), edge(['going', [], BOOL])]; // without whose sizes the runtime begins no loop
  const g = { ...body, input: [...turn, ...untold('in')], output: untold('on', 'out') };
  return modelOf({
    nodes: [
      ['Loop', ['once', 'yes', 'x'], ['z'], { attribute: [{ name: 'body', type: AttributeProto.AttributeType.GRAPH, g }] }],
      ['Div', ['z', 'd'], ['y']],
    ],
    inputs: [
      ['x', ['n'], INT64],
      ['d', ['n'], INT64],
    ],
    outputs: [['y', ['n'], INT64]],
    initializer: [
      { name: 'once', dataType: INT64, dims: [], int64Data: [1] },
      { name: 'yes', dataType: BOOL, dims: [], int32Data: [1] },
    ],
  }); // prettier-ignore
}

let server: Server;

beforeAll(async () => {
  const models = temporaryFolder();
  const put = (name: string, bytes: Uint8Array): void => {
    mkdirSync(join(models, name, '1'), { recursive: true });
    writeFileSync(join(models, name, '1/model.onnx'), bytes);
  };
  for (const type of [INT32, INT64])
    for (const operator of ['Div', 'Mod']) put(`${operator}-${NAME[type]}`, dividing(operator, type));
  put('inside', inside);
  put('looped', looped());
  for (const operator of ['Div', 'Mod']) put(`called-${operator}`, called(operator, INT64));
  put('called-float', called('Div', FLOAT));
  put('called-old', called('Div', INT64, 8));
  server = await Server.of(models);
});

async function infer(
  name: string,
  datatype: string,
  x: string,
  d: string,
): Promise<{ status: number; text: string }> {
  const tensor = (input: string, data: string): string =>
    `{"name":"${input}","datatype":"${datatype}","shape":[${data.split(',').length}],"data":[${data}]}`;
  const body = `{"inputs":[${tensor('x', x)},${tensor('d', d)}]}`;
  return ask(server, `/v2/models/${name}/infer`, { body, headers: { 'content-type': 'application/json' } });
}

test.each([INT32, INT64])(
  'the least number divided by -1 wraps around and ends nothing (type %i)',
  async (type) => {
    const [least, datatype] = [LEAST[type] as string, NAME[type] as string];
    const divided = await infer(`Div-${datatype}`, datatype, `${least},7,-7,9`, '-1,-1,2,-3');
    expect(divided.text).toContain(`"data":[${least},-7,-3,-3]`);
    const rest = await infer(`Mod-${datatype}`, datatype, `${least},7,-7,9`, '-1,-1,2,-4');
    expect(rest.text).toContain('"data":[0,0,1,-3]');
    expect(server.running).toBe(true);
  },
);

test('also inside a branch', async () => {
  const { text } = await infer('inside', 'INT64', `${LEAST[INT64]},8`, '-1,-2');
  expect(text).toContain(`"data":[${LEAST[INT64]},-4]`);
});

test('also inside a function, for which floats are divided as ever', async () => {
  const divided = await infer('called-Div', 'INT64', `${LEAST[INT64]},7,-7,9`, '-1,-1,2,-3');
  expect(divided.text).toContain(`"data":[${LEAST[INT64]},-7,-3,-3]`);
  const rest = await infer('called-Mod', 'INT64', `${LEAST[INT64]},7,-7,9`, '-1,-1,2,-4');
  expect(rest.text).toContain('"data":[0,0,1,-3]');
  const floats = await infer('called-float', 'FP32', '"Infinity",0,3,"NaN",3e38,5,1', '-1,-1,-1,-1,-1,"Infinity",0');
  expect(floats.text).toContain('"data":["-Infinity",-0,-3,"NaN",-3.0000');
  expect(floats.text).toContain(',0,"Infinity"]');
  expect(server.running).toBe(true);
}); // prettier-ignore

test('also inside a loop, and of what it gives, where neither tells a type', async () => {
  const { text } = await infer('looped', 'INT64', `${LEAST[INT64]},8`, '-1,-2');
  expect(text).toContain(`"data":[${LEAST[INT64]},2]`);
  expect(server.running).toBe(true);
});

test('a division that cannot be guarded is refused with the reason', async () => {
  const { text } = await ask(server, '/v1/models/called-old');
  expect(text).toContain('divides numbers whose type the file does not tell');
});

test('a division by zero is a fault of the input', async () => {
  const { status, text } = await infer('Div-INT64', 'INT64', '1', '0');
  expect(status).toBe(422);
  expect(text).toContain('model-failed');
  expect((await ask(server, '/health/live')).status).toBe(200);
});
