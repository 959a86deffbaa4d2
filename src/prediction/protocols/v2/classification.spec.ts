import type { NamedTensor } from '../../signature.js';
import { classify } from './classification.js';

const scores: NamedTensor = {
  name: 'p',
  type: 'float32',
  dims: [2, 3],
  data: new Float32Array([0.25, 0.5, 0.25, 1, 2, 3]),
};

describe('classify', () => {
  it('tells the largest values of each row first, with their labels', () => {
    expect(classify(scores, 2, 'rows', ['a', 'b', 'c'])).toEqual({
      name: 'p',
      type: 'string',
      dims: [2, 2],
      data: ['0.500000:1:b', '0.250000:0:a', '3.000000:2:c', '2.000000:1:b'],
    });
  });

  it('takes a tensor without rows as one, and no more classes than there are', () => {
    const { dims, data } = classify(scores, 9, 'whole', ['a', 'b', 'c']);
    expect(dims).toEqual([6]);
    expect((data as string[])[0]).toBe('3.000000:5');
  });

  it('writes integers without a fraction and puts NaN last', () => {
    const long = {
      ...scores,
      type: 'int64',
      dims: [1, 2],
      data: new BigInt64Array([1n, 2n ** 62n]),
    } as const;
    expect(classify(long, 1, 'rows', null).data).toEqual([`${2n ** 62n}:1`]);
    const odd = { ...scores, dims: [1, 3], data: new Float32Array([NaN, -Infinity, Infinity]) };
    expect(classify(odd, 3, 'rows', null).data).toEqual(['inf:2', '-inf:1', 'nan:0']);
  });
});
