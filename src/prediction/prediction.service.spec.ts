import type { AuditNotes } from '../audit/record.js';
import { AnswerWriter } from './answer.js';
import type { RowOutputs } from './batch-runner.js';
import type { PredictionCache } from './caching/prediction-cache.service.js';
import { Catalog } from './catalog.js';
import { DataPlane } from './data-plane.js';
import { featuresOf } from './features.js';
import type { FeatureConfig } from './model-config.js';
import type { ModelVersion } from './model-version.js';
import { PredictionService } from './prediction.service.js';
import { RowEncoder, type EncodedRows } from './row-encoder.js';
import type { Signature } from './signature.js';

const ID = '0198c0de-0000-7000-8000-000000000001';

const ASKER = { id: ID, principal: '' };

/** A service with one model `sum`, which adds the features of a row up. */
function serviceOf(...configs: FeatureConfig[]): PredictionService {
  const signature = {
    inputs: [{ name: 'x', type: 'float64', shape: [null, configs.length] }],
    outputs: [{ name: 'y', type: 'float64', shape: [null] }],
  } as unknown as Signature;
  const features = featuresOf(signature, configs);
  const encoder = new RowEncoder(features, signature);
  const run = ({ rows, values: [x] }: EncodedRows): Promise<RowOutputs> => {
    const sums = Float64Array.from({ length: rows }, (_, row) =>
      (x as number[])
        .slice(row * configs.length, (row + 1) * configs.length)
        .reduce((sum, one) => sum + one, 0),
    );
    return Promise.resolve({
      rows, outputs: [{ name: 'y', type: 'float64', dims: [rows], data: sums }], batch: 5, queue: 1, run: 2,
    }); // prettier-ignore
  };
  const loaded = {
    parts: {
      model: 'sum',
      version: '3',
      digest: 'd',
      encoder,
      writer: new AnswerWriter('sum', '3', null),
      signature,
    },
    features,
    run,
  } as unknown as ModelVersion;
  const catalog = new Catalog();
  catalog.set({ name: 'sum', config: {}, versions: [{ version: '3', state: 'ready', loaded }] });
  return new PredictionService(new DataPlane(catalog), { on: false } as PredictionCache);
}

describe('PredictionService', () => {
  const service = serviceOf({ name: 'a' }, { name: 'b', default: 10 });
  const ask = async (body: unknown, notes: AuditNotes = {}, model = 'sum'): Promise<unknown> =>
    JSON.parse(await service.answer(ASKER, service.check({ model }, body, notes), notes));

  it('answers one row with its input, defaults filled in', async () => {
    expect(await ask({ a: 1 })).toEqual({
      id: ID, model: 'sum', version: '3', input: { a: 1, b: 10 }, prediction: [11],
    }); // prettier-ignore
  });

  it('answers rows in their order, and no rows with no predictions', async () => {
    const rows = [
      { a: 1, b: 1 },
      { a: 2, b: 2 },
    ];
    expect(await ask(rows)).toEqual({ id: ID, model: 'sum', version: '3', predictions: [[2], [4]] });
    expect(await ask([])).toMatchObject({ predictions: [] });
  });

  it('notes for the record what it knows, and of a refused input at least whose it was', async () => {
    const notes: AuditNotes = {};
    await ask({ a: 1 }, notes);
    expect(notes).toEqual({
      model: 'sum', version: '3', digest: 'd', batch: 5, queue: 1, run: 2, input: '{"a":1,"b":10}', output: '{"prediction":[11]}',
    }); // prettier-ignore
    const refused: AuditNotes = {};
    await expect(ask({ a: 'x' }, refused)).rejects.toMatchObject({ code: 'invalid-input' });
    expect(refused).toEqual({ model: 'sum', version: '3', digest: 'd' });
    const unknown: AuditNotes = {};
    await expect(ask({}, unknown, 'nobody')).rejects.toMatchObject({ code: 'unknown-model' });
    expect(unknown).toEqual({ model: 'nobody' });
  });

  it('names the faults of all rows', async () => {
    await expect(ask([{ a: 'x' }, { a: 1, c: 1 }])).rejects.toMatchObject({
      kind: 'invalid',
      message: '2 values of the input cannot be used.',
      faults: [
        { pointer: '/0/a', detail: 'must be a number' },
        { pointer: '/1/c', detail: 'is not a feature of this model' },
      ],
    });
  });

  describe('checkQuery', () => {
    const query = (text: string): Record<string, string> =>
      Object.assign(Object.create(null) as object, JSON.parse(text)) as Record<string, string>;
    const input = (parameters: Record<string, string | string[]>): string =>
      service.checkQuery({ model: 'sum' }, parameters, {}).input;

    it('reads the parameters as the features have them', () => {
      expect(input({ a: '1e3', '': '' })).toBe('{"a":1000,"b":10}');
    });

    it('refuses a parameter that is given twice', () => {
      expect(() => input({ a: ['1', '2'] })).toThrow(
        expect.objectContaining({ faults: [{ pointer: '/a', detail: 'must be given once' }] }) as Error,
      );
    });

    it.each(['__proto__', 'constructor', 'toString'])('refuses an unknown parameter named %s', (name) => {
      const parameters = query('{"a":"1"}');
      Object.defineProperty(parameters, name, { value: '5', enumerable: true });
      expect(() => input(parameters)).toThrow(
        expect.objectContaining({
          faults: [{ pointer: `/${name}`, detail: 'is not a feature of this model' }],
        }) as Error,
      );
    });
  });
});
