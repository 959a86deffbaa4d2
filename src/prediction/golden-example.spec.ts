import { featuresOf } from './features.js';
import { checkExample } from './golden-example.js';
import type { ModelVersion } from './model-version.js';
import { RowEncoder } from './row-encoder.js';
import type { ElementType, Signature, TensorData } from './signature.js';

/** Holds an example against a version that answers `data` to everything. */
function check(
  type: ElementType,
  data: TensorData,
  prediction: (number | string | boolean)[],
  tolerance?: number,
): Promise<string | undefined> {
  const signature = { inputs: [{ name: 'x', type: 'float32', shape: [null, 1] }] } as unknown as Signature;
  const version = {
    parts: { encoder: new RowEncoder(featuresOf(signature, [{ name: 'RM' }]), signature) },
    run: () => Promise.resolve({ outputs: [{ name: 'y', type, dims: [1, data.length], data }] }),
  } as unknown as ModelVersion;
  return checkExample(version, { input: { RM: 1 }, prediction, tolerance });
}

describe('checkExample', () => {
  it('is content with the recorded answer, within its tolerance', async () => {
    expect(await check('float64', Float64Array.of(30.00001), [30], 1e-4)).toBeUndefined();
    expect(await check('float64', Float64Array.of(30.001), [30], 1e-4)).toBe(
      'The example is answered with [30.001], not with [30] (tolerance 0.0001).',
    );
  });

  it('compares every value, and how many there are', async () => {
    expect(await check('float64', Float64Array.of(1, 2), [1])).toMatch(
      /^The example is answered with \[1,2\]/,
    );
    expect(await check('float64', Float64Array.of(1), [1, 2])).toMatch(/^The example/);
    expect(await check('float64', Float64Array.of(1, 3), [1, 2])).toMatch(/^The example/);
  });

  it('knows texts, bools, halves, NaN and long integers', async () => {
    expect(await check('string', ['Salem'], ['Salem'])).toBeUndefined();
    expect(await check('string', ['Salem'], ['Boston'])).toMatch(/^The example/);
    expect(await check('bool', Uint8Array.of(1), [true])).toBeUndefined();
    expect(await check('bool', Uint8Array.of(0), [true])).toMatch(/^The example/);
    expect(await check('float16', Uint16Array.of(0x3e00), [1.5])).toBeUndefined();
    expect(await check('float32', Float32Array.of(NaN), ['NaN'])).toBeUndefined();
    expect(await check('float32', Float32Array.of(NaN), [1])).toMatch(/^The example/);
    expect(await check('int64', BigInt64Array.of(9007199254740993n), ['9007199254740993'])).toBeUndefined();
    expect(await check('int64', BigInt64Array.of(9007199254740993n), ['9007199254740992'])).toMatch(
      /^The example/,
    );
  });

  it('says what is wrong with an example that is no valid input', async () => {
    const signature = { inputs: [{ name: 'x', type: 'float32', shape: [null, 1] }] } as unknown as Signature;
    const encoder = new RowEncoder(featuresOf(signature, undefined), signature);
    const said = await checkExample({ parts: { encoder } } as unknown as ModelVersion, {
      input: {},
      prediction: [1],
    });
    expect(said).toBe('The example is not a valid input: /example/input/f0 is missing.');
  });
});
