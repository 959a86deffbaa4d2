import { featuresOf } from './features.js';
import type { Signature, TensorSpec } from './signature.js';

const signatureOf = (...inputs: (readonly [string, TensorSpec['shape']])[]): Signature =>
  ({ inputs: inputs.map(([name, shape]) => ({ name, type: 'float32', shape })) }) as unknown as Signature;
const table = (width: number | string | null): Signature => signatureOf(['x', ['N', width]]);

/** The faults of a configuration that does not fit. */
function faultsOf(signature: Signature, names: string[]): unknown {
  try {
    featuresOf(
      signature,
      names.map((name) => ({ name })),
    );
  } catch (error) {
    return (error as { faults: unknown }).faults;
  }
  return undefined;
}

describe('featuresOf', () => {
  it('names the columns of a table as configured, else f0, f1, …', () => {
    expect(featuresOf(table(2), [{ name: 'a' }, { name: 'b', min: 1 }])).toEqual([
      { name: 'a', type: 'float32', input: 0, shape: [], config: { name: 'a' } },
      { name: 'b', type: 'float32', input: 0, shape: [], config: { name: 'b', min: 1 } },
    ]);
    expect(featuresOf(table(3), undefined).map(({ name }) => name)).toEqual(['f0', 'f1', 'f2']);
  });

  it('lets the configuration say how wide a table is where the graph does not', () => {
    expect(featuresOf(table('F'), [{ name: 'a' }, { name: 'b' }]).map(({ name }) => name)).toEqual([
      'a',
      'b',
    ]);
    expect(featuresOf(table(null), undefined)).toMatchObject([{ name: 'x', shape: [null] }]);
  });

  it('takes each of several inputs as one feature', () => {
    const signature = signatureOf(['a', ['N', 1]], ['b', ['N']], ['c', ['N', 2, 'T']]);
    expect(featuresOf(signature, [{ name: 'c', description: 'third' }])).toMatchObject([
      { name: 'a', input: 0, shape: [], config: { name: 'a' } },
      { name: 'b', input: 1, shape: [] },
      { name: 'c', input: 2, shape: [2, null], config: { description: 'third' } },
    ]);
  });

  it('says where a configuration does not fit the graph', () => {
    expect(faultsOf(table(2), ['a'])).toEqual([
      { pointer: '/features', detail: 'names 1 features, the model takes 2' },
    ]);
    expect(faultsOf(table(2), ['a', 'a'])).toEqual([
      { pointer: '/features/1', detail: 'the name a is taken twice' },
    ]);
    expect(faultsOf(signatureOf(['a', ['N']], ['b', ['N']]), ['b', 'c'])).toEqual([
      { pointer: '/features/1', detail: 'the model has no input named c' },
    ]);
  });
});
