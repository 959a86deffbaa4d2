import fc from 'fast-check';
import { fromHalf } from './half.js';
import type { EncodedRows } from './row-encoder.js';
import type { ElementType, NamedTensor, Signature } from './signature.js';
import { allocate, packRows, rowLength, rowsOf } from './tensors.js';
import type { Encoded } from './values.js';

const signatureOf = (type: ElementType, ...sizes: (number | string | null)[]): Signature =>
  ({ inputs: [{ name: 'x', type, shape: ['N', ...sizes] }] }) as unknown as Signature;

const request = (rows: number, values: Encoded[]): EncodedRows => ({ rows, values: [values], sizes: [] });

/** The values of one request, taken out of the tensor of the whole batch. */
function part(tensor: NamedTensor, first: number, rows: number): unknown[] {
  const length = rowLength(tensor);
  return [...tensor.data].slice(first * length, (first + rows) * length);
}

describe('packRows', () => {
  it('can be undone: the rows of each request come out as they went in', () => {
    const types = fc.constantFrom<ElementType>('float64', 'int32', 'string', 'int64');
    const batch = fc.array(fc.nat(4), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(types, batch, fc.integer({ min: 1, max: 4 }), (type, counts, width) => {
        let next = 0;
        const value = (): Encoded =>
          type === 'string' ? `s${next++}` : type === 'int64' ? BigInt(next++) : next++;
        const requests = counts.map((rows) => request(rows, Array.from({ length: rows * width }, value)));
        const [tensor] = packRows(signatureOf(type, width), 'rows', requests);
        expect(rowsOf(tensor!)).toBe(counts.reduce((sum, rows) => sum + rows, 0));
        expect(tensor!.dims).toEqual([rowsOf(tensor!), width]);
        let first = 0;
        for (const { rows, values } of requests) {
          expect(part(tensor!, first, rows)).toEqual(values[0]);
          first += rows;
        }
      }),
    );
  });

  it('keeps 64-bit integers exact', () => {
    const values = [9223372036854775807n, -9223372036854775808n];
    const [tensor] = packRows(signatureOf('int64', 1), 'rows', [request(2, values)]);
    expect(tensor!.data).toEqual(BigInt64Array.from(values));
  });

  it('writes halves as their bits', () => {
    const [tensor] = packRows(signatureOf('float16', 2), 'rows', [request(1, [1.5]), request(1, [-0.25])]);
    expect([...(tensor!.data as Uint16Array)].map(fromHalf)).toEqual([1.5, -0.25]);
  });

  it('takes the sizes of a row where the graph leaves them open', () => {
    const values = Array.from({ length: 6 }, (_, n) => n);
    const table = packRows(signatureOf('float32', 'T'), 'single', [request(1, values)]);
    expect(table[0]!.dims).toEqual([1, 6]);
    const open: EncodedRows = { rows: 1, values: [values], sizes: [[[3, 2]]] };
    expect(packRows(signatureOf('float32', 'T', null), 'single', [open])[0]!.dims).toEqual([1, 3, 2]);
  });

  it.each<ElementType>(['float32', 'bool', 'string', 'uint64'])('allocates %s empty', (type) => {
    expect(allocate(type, 2)).toHaveLength(2);
    expect([...allocate(type, 1)].every((value) => !value)).toBe(true);
  });
});
