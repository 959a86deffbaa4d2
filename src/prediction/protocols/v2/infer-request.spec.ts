import { OrielError } from '../../../errors.js';
import type { Signature, TensorSpec } from '../../signature.js';
import { readInferRequest, readRawRequest } from './infer-request.js';

const x: TensorSpec = { name: 'x', type: 'float32', shape: ['n', 2] };
const factor: TensorSpec = { name: 'factor', type: 'float32', shape: [1] };

function signature(inputs: readonly TensorSpec[], optionalInputs: readonly TensorSpec[] = []): Signature {
  return {
    inputs,
    optionalInputs,
    outputs: [
      { name: 'y', type: 'float32', shape: ['n'] },
      { name: 'z', type: 'string', shape: ['n'] },
    ],
    classes: null,
    probabilities: null,
    random: false,
    producer: null,
    opset: null,
    description: null,
    metadata: {},
  };
}

const tensor = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] };

function pointersOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof OrielError) return error.faults.map(({ pointer }) => pointer);
    throw error;
  }
  return [];
}

describe('readInferRequest', () => {
  const read = (json: unknown, binary: Uint8Array | null = null) =>
    readInferRequest(json, binary, signature([x], [factor]));

  it.each<[string, unknown, string[]]>([
    ['a body that is no object', [], ['']],
    ['no inputs', {}, ['/inputs']],
    ['an unknown input', { inputs: [tensor, { ...tensor, name: 'q' }] }, ['/inputs/1/name']],
    ['an input twice', { inputs: [tensor, tensor] }, ['/inputs/1/name']],
    ['another datatype', { inputs: [{ ...tensor, datatype: 'FP64' }] }, ['/inputs/0/datatype']],
    ['another rank', { inputs: [{ ...tensor, shape: [2] }] }, ['/inputs/0/shape']],
    ['another fixed size', { inputs: [{ ...tensor, shape: [1, 3] }] }, ['/inputs/0/shape']],
    ['a negative size', { inputs: [{ ...tensor, shape: [-1, 2] }] }, ['/inputs/0/shape']],
    ['an impossible size', { inputs: [{ ...tensor, shape: [2 ** 30, 2] }] }, ['/inputs/0/shape']],
    ['no data', { inputs: [{ ...tensor, data: undefined }] }, ['/inputs/0/data']],
    ['too little data', { inputs: [{ ...tensor, data: [1] }] }, ['/inputs/0/data']],
    ['an id that is a number', { id: 7, inputs: [tensor] }, ['/id']],
    ['a timeout of nothing', { inputs: [tensor], parameters: { timeout: 0 } }, ['/parameters/timeout']],
    ['an unknown output', { inputs: [tensor], outputs: [{ name: 'q' }] }, ['/outputs/0/name']],
    ['an output twice', { inputs: [tensor], outputs: [{ name: 'y' }, { name: 'y' }] }, ['/outputs/1/name']],
    [
      'classes of texts',
      { inputs: [tensor], outputs: [{ name: 'z', parameters: { classification: 1 } }] },
      ['/outputs/0/parameters/classification'],
    ],
    [
      'bytes where there are none',
      { inputs: [{ ...tensor, data: undefined, parameters: { binary_data_size: 8 } }] },
      ['/inputs/0/parameters/binary_data_size'],
    ],
  ])('refuses %s', (_name, json, pointers) => {
    expect(pointersOf(() => read(json))).toEqual(pointers);
  });

  it('takes optional inputs or leaves them out', () => {
    expect(read({ inputs: [tensor] }).inputs).toHaveLength(1);
    const given = { name: 'factor', datatype: 'FP32', shape: [1], data: [3] };
    expect(read({ inputs: [tensor, given] }).inputs[1]?.data).toEqual(new Float32Array([3]));
  });

  it('takes the bytes of its inputs in their order, and all of them', () => {
    const head = { name: 'x', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } };
    const bytes = new Uint8Array(new Float32Array([1, 2]).buffer);
    expect(read({ inputs: [head] }, bytes).inputs[0]?.data).toEqual(new Float32Array([1, 2]));
    expect(pointersOf(() => read({ inputs: [head] }, new Uint8Array([...bytes, 1])))).toEqual(['']);
    expect(pointersOf(() => read({ inputs: [head] }, bytes.subarray(1)))).toEqual([
      '/inputs/0/parameters/binary_data_size',
    ]);
    expect(pointersOf(() => read({ inputs: [{ ...head, data: [1, 2] }] }, bytes))).toEqual([
      '/inputs/0/data',
    ]);
  });

  it('orders outputs as asked, each in its own form', () => {
    const parameters = { binary_data_output: true };
    const outputs = [{ name: 'z', parameters: { binary_data: false } }, { name: 'y' }];
    expect(read({ inputs: [tensor], parameters, outputs }).outputs).toMatchObject([
      { index: 1, binary: false },
      { index: 0, binary: true },
    ]);
  });
});

describe('readRawRequest', () => {
  it('deduces the open size from the bytes', () => {
    const bytes = new Uint8Array(24);
    expect(readRawRequest(bytes, signature([x])).inputs[0]?.dims).toEqual([3, 2]);
    const open = { ...x, shape: ['n', 'm'] };
    expect(readRawRequest(bytes, signature([open])).inputs[0]?.dims).toEqual([1, 6]);
    expect(pointersOf(() => readRawRequest(new Uint8Array(7), signature([x])))).toEqual(['']);
  });

  it('takes the body as the one text', () => {
    const text: TensorSpec = { name: 't', type: 'string', shape: ['n'] };
    const { inputs } = readRawRequest(new TextEncoder().encode('zażółć'), signature([text]));
    expect(inputs[0]).toMatchObject({ dims: [1], data: ['zażółć'] });
  });

  it('needs a model with one input', () => {
    expect(pointersOf(() => readRawRequest(new Uint8Array(8), signature([x, factor])))).toEqual(['']);
  });
});
