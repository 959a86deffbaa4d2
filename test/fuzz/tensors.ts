/** Tensors of every type and of small sizes, for laws about how they are written and read. */
import fc from 'fast-check';
import { fromHalf, toHalf } from '../../src/prediction/half.js';
import type { ElementType, NamedTensor, TensorData } from '../../src/prediction/signature.js';
import { allocate } from '../../src/prediction/tensors.js';

/** Elements as they lie in a tensor. */
export const VALUES: Readonly<Record<ElementType, fc.Arbitrary<number | bigint | string>>> = {
  bool: fc.integer({ min: 0, max: 1 }),
  uint8: fc.integer({ min: 0, max: 255 }),
  uint16: fc.integer({ min: 0, max: 65535 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  // All NaN are the same NaN here, as they are in JSON.
  float16: fc.integer({ min: 0, max: 65535 }).map((bits) => toHalf(fromHalf(bits))),
  float32: fc.float(),
  float64: fc.double(),
  string: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
};

/** @param rows its first size; any sizes at all where it is not said */
export function tensorsOf(name: string, rows?: number): fc.Arbitrary<NamedTensor> {
  return fc
    .record({
      type: fc.constantFrom(...(Object.keys(VALUES) as ElementType[])),
      sizes: fc.array(fc.integer({ min: rows === undefined ? 0 : 1, max: 3 }), { maxLength: 3 }),
    })
    .chain(({ type, sizes }) => {
      const dims = rows === undefined ? sizes : [rows, ...sizes];
      const length = dims.reduce((product, size) => product * size, 1);
      return fc.array(VALUES[type], { minLength: length, maxLength: length }).map((values) => {
        const data = allocate(type, length) as (number | bigint | string)[];
        values.forEach((value, at) => (data[at] = value));
        return { name, type, dims, data: data as TensorData };
      });
    });
}
