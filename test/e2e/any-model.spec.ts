import { join } from 'node:path';
import { ask, type Reply } from '../client.js';
import { PROJECT, Server, temporaryFolder } from '../server.js';

let server: Server;
beforeAll(async () => {
  server = await Server.start({
    ORIEL_MODELS: join(PROJECT, 'test/fixtures/models'),
    ORIEL_DATA: temporaryFolder(),
  });
});

const predict = (model: string, body: unknown): Promise<Reply> =>
  ask(server, `/v1/models/${model}/predict`, { body });

describe('a model that gives its rows as another dimension than the first', () => {
  // Its output is its input turned: two rows are given as [[f0, f0], [f1, f1]].
  test('is asked row by row, and gives each row what it says to it alone', async () => {
    expect((await predict('turned', { f0: 1, f1: 2 })).json).toMatchObject({ prediction: [[1], [2]] });
    const rows = [1, 2, 3].map((f0) => ({ f0, f1: 10 * f0 }));
    const predictions = rows.map(({ f0, f1 }) => [[f0], [f1]]);
    expect((await predict('turned', rows)).json).toMatchObject({ predictions });
    const many = await Promise.all(rows.map((row) => predict('turned', row)));
    expect(many.map(({ json }) => (json as { prediction: unknown }).prediction)).toEqual(predictions);
  });

  test('answers tensors as it is', async () => {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] }];
    const { json } = await ask(server, '/v2/models/turned/infer', { body: { inputs } });
    expect(json).toMatchObject({ outputs: [{ shape: [2, 2], data: [1, 3, 2, 4] }] });
  });
});

describe('a model that fills missing values in', () => {
  test('takes null for the columns that it fills, and for no other', async () => {
    expect((await predict('filled', { f0: null, f1: 2 })).json).toMatchObject({ prediction: [7, 2, 2] });
    expect((await predict('filled', { f0: 1, f1: null })).json).toMatchObject({
      status: 422,
      errors: [{ pointer: '/f1', detail: 'must be a number' }],
    });
  });

  test('says so in its description', async () => {
    const { json } = await ask(server, '/v1/models/filled');
    expect(json).toMatchObject({ features: [{ name: 'f0', nullable: true }, { name: 'f1' }] });
    expect((json as { features: object[] }).features[1]).not.toHaveProperty('nullable');
  });
});
