import fc from 'fast-check';
import { VALUES } from '../../../../test/fuzz/tensors.js';
import type { Fault } from '../../../errors.js';
import type { ElementType, TensorData } from '../../signature.js';
import { allocate } from '../../tensors.js';
import { decodeBinaryData, encodeBinaryData } from './binary-data.js';
import { elementSize } from './datatypes.js';
import { parseExactly } from './exact-json.js';
import { decodeJsonData, encodeJsonData } from './json-data.js';

function tensorOf(type: ElementType, values: readonly (number | bigint | string)[]): TensorData {
  const data = allocate(type, values.length) as (number | bigint | string)[];
  values.forEach((value, index) => (data[index] = value));
  return data as TensorData;
}

function decodeText(type: ElementType, shape: number[], json: string): { data: unknown; faults: Fault[] } {
  const faults: Fault[] = [];
  return { data: decodeJsonData(type, shape, parseExactly(json, JSON.parse(json)), '/data', faults), faults };
}

describe.each(Object.keys(VALUES) as ElementType[])('%s', (type) => {
  const tensors = fc.array(VALUES[type], { maxLength: 20 }).map((values) => tensorOf(type, values));

  it('comes back from the binary form as it went', () => {
    fc.assert(
      fc.property(tensors, (data) => {
        const bytes = encodeBinaryData({ data });
        const odd = new Uint8Array([7, ...bytes]).subarray(1); // not aligned
        expect(decodeBinaryData(type, data.length, odd)).toEqual({ data });
      }),
    );
  });

  it('comes back from JSON as it went', () => {
    fc.assert(
      fc.property(tensors, (data) => {
        const json = encodeJsonData({ type, data });
        expect(decodeText(type, [data.length], json)).toEqual({ data, faults: [] });
      }),
    );
  });

  it('reads nested and flat data alike', () => {
    fc.assert(
      fc.property(fc.array(VALUES[type], { minLength: 6, maxLength: 6 }), (values) => {
        const data = tensorOf(type, values);
        const [a, b] = [data.slice(0, 3), data.slice(3)].map((part) => encodeJsonData({ type, data: part }));
        expect(decodeText(type, [2, 3], `[${a},${b}]`).data).toEqual(data);
        expect(decodeText(type, [2, 3], encodeJsonData({ type, data })).data).toEqual(data);
      }),
    );
  });

  it('refuses bytes that are too few or too many', () => {
    const data = tensorOf(type, type === 'string' ? ['ab', 'c'] : type.endsWith('64') && type !== 'float64' ? [1n, 0n] : [1, 0]); // prettier-ignore
    const bytes = encodeBinaryData({ data });
    expect(decodeBinaryData(type, 2, bytes.subarray(1))).toHaveProperty('wrong');
    expect(decodeBinaryData(type, 2, new Uint8Array([...bytes, 0]))).toHaveProperty('wrong');
    expect(decodeBinaryData(type, 2 ** 40, bytes)).toHaveProperty('wrong');
  });
});

describe('JSON data', () => {
  it('names every element that is out of range, wrongly typed or cut', () => {
    expect(decodeText('uint8', [3], '[256,1.5,"1"]').faults.map(({ pointer }) => pointer)).toEqual([
      '/data/0',
      '/data/1',
      '/data/2',
    ]);
    expect(decodeText('float16', [1], '[65520]').faults).toHaveLength(1);
    expect(decodeText('string', [1], '["a\\u0000b"]').faults).toHaveLength(1);
    expect(decodeText('string', [1], '["\\ud800"]').faults).toHaveLength(1);
    expect(decodeText('int64', [1], '[9223372036854775808]').faults).toHaveLength(1);
    expect(decodeText('int64', [2, 1], '[[1],[1.5]]').faults[0]?.pointer).toBe('/data/1/0');
  });

  it('refuses arrays that are not as the shape says, before anything is allocated', () => {
    expect(decodeText('float32', [2, 3], '[[1,2],[3,4],[5,6]]').faults).toHaveLength(1);
    expect(decodeText('float32', [1, 2 ** 30], '[[1]]').faults[0]?.detail).toContain('1 elements');
    expect(decodeText('float32', [2], '7').faults).toHaveLength(1);
  });

  it('takes what JSON has no number for as text, for floats alone', () => {
    expect(decodeText('float32', [3], '["NaN","Infinity","-Infinity"]').data).toEqual(
      new Float32Array([NaN, Infinity, -Infinity]),
    );
    expect(decodeText('int32', [1], '["NaN"]').faults).toHaveLength(1);
  });

  it('takes long integers for floats too', () => {
    expect(decodeText('float64', [1], '[12345678901234567890]').data).toEqual(new Float64Array([12345678901234567890])); // prettier-ignore
  });
});

describe('elementSize', () => {
  it('is that of the arrays that hold the elements', () => {
    for (const type of Object.keys(VALUES) as ElementType[])
      if (type !== 'string') expect(elementSize(type)).toBe((allocate(type, 1) as Uint8Array).byteLength);
  });
});
