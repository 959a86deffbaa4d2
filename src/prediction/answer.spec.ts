import fc from 'fast-check';
import { AnswerWriter } from './answer.js';
import type { RowOutputs } from './batch-runner.js';
import type { ElementType, NamedTensor, TensorData } from './signature.js';

const tensor = (type: ElementType, dims: number[], data: TensorData, name = 'y'): NamedTensor => ({
  name,
  type,
  dims,
  data,
});
const result = (rows: number, ...outputs: NamedTensor[]): RowOutputs => ({
  rows,
  outputs,
  batch: rows,
  queue: 0,
  run: 0,
});
const writer = new AnswerWriter('m', '1', null);
const one = (output: RowOutputs): unknown => JSON.parse(`{${writer.row(output)}}`);
const many = (output: RowOutputs): unknown => JSON.parse(`{${writer.rows(output)}}`);

describe('an answer', () => {
  it('is an array also where the output is a scalar a row', () => {
    expect(one(result(1, tensor('float64', [1], Float64Array.of(2.5))))).toEqual({ prediction: [2.5] });
    expect(one(result(1, tensor('float64', [], Float64Array.of(2.5))))).toEqual({ prediction: [2.5] });
    expect(one(result(1, tensor('float64', [1, 1], Float64Array.of(2.5))))).toEqual({ prediction: [2.5] });
  });

  it('says NaN, the infinities and integers beyond 2^53 as strings', () => {
    const floats = tensor('float32', [1, 3], Float32Array.of(NaN, Infinity, -Infinity));
    expect(one(result(1, floats))).toEqual({ prediction: ['NaN', 'Infinity', '-Infinity'] });
    const longs = tensor('int64', [1, 2], BigInt64Array.of(9007199254740993n, -3n));
    expect(one(result(1, longs))).toEqual({ prediction: ['9007199254740993', -3] });
  });

  it('says halves and bools as what they stand for', () => {
    expect(one(result(1, tensor('float16', [1, 2], Uint16Array.of(0x3c00, 0x7e00))))).toEqual({
      prediction: [1, 'NaN'],
    });
    expect(one(result(1, tensor('bool', [1, 2], Uint8Array.of(1, 0))))).toEqual({
      prediction: [true, false],
    });
  });

  it('gives the further outputs by name, bare where they are scalars', () => {
    const outputs = [
      tensor('string', [2], ['cat', 'dog'], 'label'),
      tensor('float32', [2], Float32Array.of(1, 2), 'score'),
      tensor('float32', [2, 2], Float32Array.of(1, 2, 3, 4), 'a "b"'),
    ];
    expect(one(result(2, ...outputs))).toEqual({
      prediction: ['cat'],
      outputs: { score: 1, 'a "b"': [1, 2] },
    });
    expect(many(result(2, ...outputs))).toEqual({
      predictions: [['cat'], ['dog']],
      outputs: [
        { score: 1, 'a "b"': [1, 2] },
        { score: 2, 'a "b"': [3, 4] },
      ],
    });
  });

  it('nests arrays by the sizes of the output', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (sizes, rows) => {
          const length = sizes.reduce((product, size) => product * size, 1);
          const data = Float64Array.from({ length: rows * length }, (_, n) => n);
          const nested = (from: number, [size, ...rest]: number[]): unknown => {
            if (size === undefined) return from;
            const step = rest.reduce((product, other) => product * other, 1);
            return Array.from({ length: size }, (_, n) => nested(from + n * step, rest));
          };
          const rowsOut = Array.from({ length: rows }, (_, row) =>
            sizes.length === 0 ? [row] : nested(row * length, sizes),
          );
          expect(many(result(rows, tensor('float64', [rows, ...sizes], data)))).toEqual({
            predictions: rowsOut,
          });
        },
      ),
    );
  });

  it('to no rows is an empty list', () => {
    expect(many(result(0, tensor('float32', [0, 3], new Float32Array())))).toEqual({ predictions: [] });
  });
});
