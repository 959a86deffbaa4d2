import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ask, type Reply } from '../client.js';
import { APARTMENT, HOUSE, houses, PREDICT, PRICE, queryOf } from '../houses.js';
import { PROJECT, Server, temporaryFolder } from '../server.js';

const FIXTURES = join(PROJECT, 'test/fixtures/models');
const BOSTON = '/v1/models/boston-housing';
const NEVER = '0197a5d2-7c1e-7a33-8f0b-3f1f6c2b9d10';

interface Told {
  accepted: number;
  duplicates: number;
  rejected: { index: number; errors: { pointer: string; detail: string }[] }[];
}
interface Item extends Record<string, unknown> {
  version: string;
  from: string;
  to: string;
  count: number;
}

const idOf = ({ headers }: Reply): string => String(headers['x-request-id']);

/** An answer that must be a good one; its id, and what it says. */
async function good(server: Server, path: string, body?: unknown): Promise<{ id: string; json: never }> {
  const reply = await ask(server, path, body === undefined ? {} : { body });
  expect([path, reply.status, reply.text]).toEqual([path, 200, reply.text]);
  return { id: idOf(reply), json: reply.json as never };
}

async function tell(server: Server, body: unknown): Promise<Told> {
  return (await good(server, '/v1/outcomes', body)).json;
}

async function quality(server: Server, model: string, query = ''): Promise<Item[]> {
  const { json } = await good(server, `/v1/models/${model}/quality${query}`);
  return (json as { items: Item[] }).items;
}

const ALL_WELL = { duplicates: 0, rejected: [] };

describe('a model of numbers', () => {
  const folder = temporaryFolder();
  let server: Server;
  beforeEach(async () => {
    server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_OUTCOMES: '1500' });
  });
  afterEach(() => server.stop());

  test('is measured by outcomes of predictions in every form', async () => {
    const values = Object.values(APARTMENT);
    const tensor = { name: 'input', datatype: 'FP64', shape: [2, 13], data: [values, values] };
    const { inputs } = (await good(server, '/v2/models/boston-housing')).json as {
      inputs: { name: string; datatype: string }[];
    };
    const v2 = { inputs: [{ ...tensor, ...inputs[0], shape: [2, 13] }] };
    const one = await good(server, PREDICT, HOUSE);
    const asked = await good(server, `${PREDICT}?${queryOf(HOUSE)}`);
    const many = await good(server, PREDICT, houses(3));
    const tfs = await good(server, `${BOSTON}:predict`, { instances: [values, APARTMENT] });
    const columns = await good(server, `${BOSTON}:predict`, { inputs: [values] });
    const mlflow = await good(server, `${BOSTON}/invocations`, { dataframe_records: [HOUSE, HOUSE] });
    const oip = await good(server, '/v2/models/boston-housing/infer', v2);
    const lines = `${houses(2).map((house) => JSON.stringify(house)).join('\n')}\n`; // prettier-ignore
    const file = await ask(server, PREDICT, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines,
    });
    const said = (many.json as { predictions: number[][] }).predictions.map(([price]) => price!);
    expect(
      await tell(server, [
        { prediction: one.id, value: PRICE - 1 },
        { prediction: asked.id, value: [PRICE + 1] },
        { prediction: many.id, value: said },
        { prediction: tfs.id, value: [PRICE, PRICE] },
        { prediction: columns.id, value: PRICE },
        { prediction: mlflow.id, value: PRICE, item: 1 },
        { prediction: oip.id, value: [PRICE, PRICE] },
        { prediction: idOf(file), value: said.slice(0, 2) },
      ]),
    ).toEqual({ ...ALL_WELL, accepted: 8 });
    const [item, ...others] = await quality(server, 'boston-housing');
    expect(others).toEqual([]);
    expect(item).toMatchObject({ version: '1', count: 13 });
    expect(item!.mae).toBeCloseTo(2 / 13, 3);
    expect(item!.rmse).toBeCloseTo(Math.sqrt(2 / 13), 3);
    expect(item!.bias).toBeCloseTo(0, 3);
  });

  test('keeps the newest outcome of a prediction, and knows one that it has', async () => {
    const { id } = await good(server, PREDICT, HOUSE);
    const time = '2026-01-31T12:00:00+01:00';
    expect(await tell(server, { prediction: id, value: 20, time })).toEqual({ ...ALL_WELL, accepted: 1 });
    const again = [
      { prediction: id, value: 20 },
      { prediction: id, value: 20, time: Date.parse(time) },
    ];
    expect(await tell(server, again)).toEqual({ accepted: 0, duplicates: 2, rejected: [] });
    const other = { prediction: id.toUpperCase(), value: PRICE };
    expect(await tell(server, [other, other])).toEqual({ accepted: 1, duplicates: 1, rejected: [] });
    expect(await quality(server, 'boston-housing')).toMatchObject([{ count: 1, mae: expect.closeTo(0, 6) as number }]);
  }); // prettier-ignore

  test('takes many outcomes at once, up to its limit', async () => {
    const { id } = await good(server, PREDICT, houses(1200));
    const outcomes = Array.from({ length: 1200 }, (_, item) => ({ prediction: id, value: 1, item }));
    expect(await tell(server, outcomes)).toEqual({ ...ALL_WELL, accepted: 1200 });
    expect(await tell(server, outcomes)).toEqual({ accepted: 0, duplicates: 1200, rejected: [] });
    const beyond = await ask(server, '/v1/outcomes', { body: Array.from({ length: 1501 }, () => outcomes[0]) });
    expect(beyond.json).toMatchObject({ status: 413, code: 'too-many-outcomes' });
    expect(await quality(server, 'boston-housing')).toMatchObject([{ count: 1200 }]);
  }); // prettier-ignore

  test('is measured apart by version and by bucket of time', async () => {
    const before = Date.now();
    for (const version of ['1', '2', '2']) {
      const { id } = await good(server, `${BOSTON}/versions/${version}/predict`, HOUSE);
      await tell(server, { prediction: id, value: 30 });
    }
    const versions = (items: Item[]): [string, number][] =>
      items.map(({ version, count }) => [version, count]);
    expect(versions(await quality(server, 'boston-housing', '?by=version'))).toEqual([
      ['1', 1],
      ['2', 2],
    ]);
    expect(versions(await quality(server, 'boston-housing', '?version=2'))).toEqual([['2', 2]]);
    expect(await quality(server, 'boston-housing', `?to=${before}`)).toEqual([]);
    const days = await quality(server, 'boston-housing', `?every=1d&from=${before}&version=1`);
    expect(days).toMatchObject([{ version: '1', count: 1 }]);
    expect(Date.parse(days[0]!.from) % 86_400_000).toBe(0);
    expect(Date.parse(days[0]!.to) - Date.parse(days[0]!.from)).toBe(86_400_000);
  });

  test('names what it cannot take, and takes the rest', async () => {
    const single = await good(server, PREDICT, HOUSE);
    const several = await good(server, PREDICT, houses(2));
    const refused = await ask(server, PREDICT, { body: { RM: 'x' } });
    const listed = await ask(server, '/v1/models');
    const matched = await ask(server, `${PREDICT}?${queryOf(HOUSE)}`, { headers: { 'if-none-match': '*' } });
    expect(matched.status).toBe(304);
    const { accepted, rejected } = await tell(server, [
      { prediction: NEVER, value: 1 },
      { prediction: 'seven', value: 1 },
      { prediction: idOf(refused), value: 1 },
      { prediction: idOf(listed), value: 1 },
      { prediction: idOf(matched), value: 1 },
      { prediction: single.id, value: 'dear' },
      { prediction: single.id, value: 1, time: 'yesterday' },
      { prediction: several.id, value: 1 },
      { prediction: several.id, value: [1, null] },
      { prediction: several.id, value: 1, item: 2 },
      { prediction: single.id, value: 30 },
      { prediction: 7, value: 30, why: 'so' },
      { prediction: single.id },
      7,
      null,
    ]);
    expect(accepted).toBe(1);
    expect(rejected.map(({ index, errors }) => [index, errors.map(({ pointer }) => pointer)])).toEqual([
      [0, ['/prediction']],
      [1, ['/prediction']],
      [2, ['/prediction']],
      [3, ['/prediction']],
      [4, ['/prediction']],
      [5, ['/value']],
      [6, ['/time']],
      [7, ['/value']],
      [8, ['/value/1']],
      [9, ['/item']],
      [11, ['/why', '/prediction']],
      [12, ['/value']],
      [13, ['']],
      [14, ['']],
    ]);
  });

  test('refuses a body that is no outcome, a query that asks for nothing, and a model that nobody knows', async () => {
    const form = await ask(server, '/v1/outcomes', { body: { prediction: 7, time: 'yesterday' } });
    expect(form.json).toMatchObject({
      status: 422,
      code: 'invalid-outcomes',
      errors: [{ pointer: '/prediction' }, { pointer: '/value' }, { pointer: '/time' }],
    });
    expect((await ask(server, '/v1/outcomes', { body: 7 })).json).toMatchObject({ status: 422 });
    const query = await ask(server, `${BOSTON}/quality?by=hour&every=soon&from=x&limit=3`);
    const { errors } = query.json as { errors: { pointer: string }[] };
    expect(query.status).toBe(400);
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/by', '/every', '/from', '/limit']);
    for (let i = 0; i < 2; i++) {
      const unknown = await ask(server, '/v1/models/nobody/quality'); // asking leaves a record, but makes no model
      expect(unknown.json).toMatchObject({ status: 404, code: 'unknown-model' });
    }
    expect(await quality(server, 'boston-housing')).toEqual([]);
  });

  test('is known by its outcomes after a restart, also when it is no longer served', async () => {
    const own = await Server.start({ ORIEL_DATA: folder });
    const { id } = await good(own, PREDICT, HOUSE);
    await tell(own, { prediction: id, value: 30 });
    const before = await quality(own, 'boston-housing');
    await own.stop();
    const next = await Server.start({ ORIEL_DATA: folder, ORIEL_MODELS: FIXTURES });
    expect(await quality(next, 'boston-housing')).toEqual(before);
    expect(await tell(next, { prediction: id, value: 30 })).toMatchObject({ duplicates: 1 });
  });
});

test('an outcome that somebody edits does not fit the chain any more', async () => {
  const folder = temporaryFolder();
  const server = await Server.start({ ORIEL_DATA: folder });
  const { id } = await good(server, PREDICT, HOUSE);
  await tell(server, { prediction: id, value: 20 });
  await tell(server, { prediction: id, value: 30 });
  expect((await good(server, '/v1/audit/verify')).json).toMatchObject({ valid: true });
  await server.stop();
  const edit = (sql: string): number => {
    const database = new Database(join(folder, 'oriel.db'));
    const seq = database.prepare('SELECT min(seq) FROM audit_outcomes').pluck().get() as number;
    database.exec(sql);
    database.close();
    return seq;
  };
  const verdict = (): unknown => {
    const command = [join(PROJECT, 'dist/cli.js'), 'verify', join(folder, 'oriel.db'), '--json'];
    const { stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    return JSON.parse(stdout);
  };
  expect(verdict()).toMatchObject({ valid: true });
  const seq = edit(''); // what each of these does, the other undoes
  for (const [there, back] of [
    ['value = 25', 'value = 20'],
    ['time = time + 1', 'time = time - 1'],
    ["predicted = '9' || predicted", 'predicted = substr(predicted, 2)'],
    ['probability = 0.5', 'probability = NULL'],
    ['item = 1', 'item = 0'],
    ['version_id = version_id + 1', 'version_id = version_id - 1'],
  ]) {
    edit(`UPDATE audit_outcomes SET ${there} WHERE seq = ${seq}`);
    expect([there, verdict()]).toMatchObject([there, { valid: false, firstBad: { seq, id } }]);
    edit(`UPDATE audit_outcomes SET ${back} WHERE seq = ${seq}`);
    expect([back, verdict()]).toMatchObject([back, { valid: true }]);
  }
  edit(`DELETE FROM audit_outcomes WHERE seq = ${seq}`);
  expect(verdict()).toMatchObject({ valid: false, firstBad: { seq } });
});

test('a model of classes is measured by its labels and probabilities', async () => {
  const server = await Server.start({ ORIEL_MODELS: FIXTURES, ORIEL_DATA: temporaryFolder() });
  const rows = [
    { f0: 0, f1: 0 },
    { f0: 4, f1: 0 },
    { f0: 0, f1: 4 },
    { f0: 4, f1: 0.5 },
  ];
  const { id, json } = await good(server, '/v1/models/colours/predict', rows);
  const { predictions, probabilities } = json as {
    predictions: string[][];
    probabilities: Record<string, number>[];
  };
  expect(predictions).toEqual([['red'], ['green'], ['blue'], ['green']]);
  const truth = ['red', 'green', 'blue', 'blue'];
  expect(await tell(server, { prediction: id, value: truth })).toEqual({ ...ALL_WELL, accepted: 1 });
  const wrong = await tell(server, { prediction: id, value: 'white', item: 0 });
  expect(wrong.rejected).toEqual([
    { index: 0, errors: [{ pointer: '/value', detail: expect.stringContaining('blue, green, red') as string }] },
  ]);
  const loss = truth.reduce((sum, label, row) => sum - Math.log(probabilities[row]![label]!), 0) / 4;
  expect(await quality(server, 'colours')).toMatchObject([
    {
      count: 4,
      accuracy: 0.75,
      logLoss: expect.closeTo(loss, 12) as number,
      precision: expect.closeTo((1 + 0.5 + 1) / 3, 12) as number,
      recall: expect.closeTo((1 + 1 + 0.5) / 3, 12) as number,
      classes: {
        blue: { precision: 1, recall: 0.5, support: 2 },
        green: { precision: 0.5, recall: 1, support: 1 },
        red: { precision: 1, recall: 1, support: 1 },
      },
    },
  ]);
  // Asked in other words, the labels of the probabilities are not on record: no loss, but all the rest.
  const tfs = await good(server, '/v1/models/colours:predict', { instances: [[4, 0]] });
  expect(await tell(server, { prediction: tfs.id, value: 'green' })).toEqual({ ...ALL_WELL, accepted: 1 });
  expect(await quality(server, 'colours')).toMatchObject([{ count: 5, accuracy: 0.8, logLoss: expect.closeTo(loss, 12) as number }]);
}); // prettier-ignore

test('outcomes and quality are documented', async () => {
  const server = await Server.start({ ORIEL_DATA: temporaryFolder() });
  const { paths } = (await good(server, '/openapi.json')).json as { paths: Record<string, object> };
  expect(paths['/v1/outcomes']).toHaveProperty('post');
  expect(paths['/v1/models/{model}/quality']).toHaveProperty('get');
});
