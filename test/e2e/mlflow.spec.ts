import { readFileSync } from 'node:fs';
import { get, post, recordOf } from '../client.js';
import { APARTMENT, PRICE } from '../houses.js';
import { MODELS, Server } from '../server.js';

let boston: Server;
let tiny: Server;

beforeAll(async () => {
  [boston, tiny] = await Promise.all([Server.of(MODELS), Server.of('test/fixtures/tongues')]);
});

const INVOKE = '/v1/models/boston-housing/invocations';
const NAMES = Object.keys(APARTMENT);
const VALUES = Object.values(APARTMENT);

async function predictions(response: Response): Promise<unknown> {
  const json = (await response.json()) as { predictions?: unknown };
  expect({ status: response.status, json }).toMatchObject({ status: 200 });
  return json.predictions;
}

async function faults(response: Response): Promise<string[]> {
  expect(response.status).toBe(422);
  const { errors } = (await response.json()) as { errors: { pointer: string }[] };
  return errors.map(({ pointer }) => pointer);
}

test('the four forms are one question', async () => {
  const forms = [
    { dataframe_split: { columns: NAMES, index: [0, 1], data: [VALUES, VALUES] } },
    { dataframe_records: [APARTMENT, APARTMENT] },
    { instances: [APARTMENT, VALUES] },
    { inputs: { input: [VALUES, VALUES] }, params: {} },
  ];
  for (const form of forms) {
    expect(await predictions(await post(boston, INVOKE, form))).toEqual([PRICE, PRICE]);
  }
});

test('columns may stand in any order', async () => {
  const data = [[...VALUES].reverse()];
  const split = { columns: [...NAMES].reverse(), data };
  expect(await predictions(await post(boston, INVOKE, { dataframe_split: split }))).toEqual([PRICE]);
});

test('versions and labels are asked the same way', async () => {
  for (const choice of ['versions/1', 'labels/stable']) {
    const path = `/v1/models/boston-housing/${choice}/invocations`;
    expect(await predictions(await post(boston, path, { dataframe_records: [APARTMENT] }))).toEqual([PRICE]);
  }
});

test('an answer is flat, lists in a list, or objects, as the outputs are', async () => {
  expect(
    await predictions(await post(tiny, '/v1/models/bytes/invocations', { instances: [[1, 2, 3, 4]] })),
  ).toEqual([[1, 2, 3, 4]]);
  const records = [{ a: 1, b: [2], t: 'x' }];
  expect(
    await predictions(await post(tiny, '/v1/models/mixed/invocations', { dataframe_records: records })),
  ).toEqual([{ sum: 3, text: 'x' }]);
  expect(
    await predictions(
      await post(tiny, '/v1/models/whole/invocations', { inputs: { x: [1, 2, 3], y: [1, 1, 1] } }),
    ),
  ).toEqual([2, 3, 4]);
});

test('faults are named where the caller wrote them', async () => {
  const split = {
    columns: [...NAMES, 'EXTRA'],
    data: [[...VALUES, 1], [...VALUES.slice(0, 5), 'x', ...VALUES.slice(6), 1], [1]],
  };
  expect(await faults(await post(boston, INVOKE, { dataframe_split: split, params: { t: 1 } }))).toEqual([
    '/params/t',
    '/dataframe_split/columns/13',
    '/dataframe_split/data/1/5',
    '/dataframe_split/data/2',
  ]);
  expect(
    await faults(
      await post(boston, INVOKE, { dataframe_records: [APARTMENT, { ...APARTMENT, RM: null }, 5] }),
    ),
  ).toEqual(['/dataframe_records/1/RM', '/dataframe_records/2']);
  expect(await faults(await post(boston, INVOKE, { instances: [], dataframe_records: [] }))).toEqual([
    '/instances',
  ]);
  expect(await faults(await post(boston, INVOKE, {}))).toEqual(['']);
});

test('at most a hundred faults are named', async () => {
  const rows = Array.from({ length: 50 }, () => ({}));
  expect(await faults(await post(boston, INVOKE, { dataframe_records: rows }))).toHaveLength(100);
});

describe('CSV', () => {
  const csv = (body: string): Promise<Response> => post(boston, INVOKE, body, 'text/csv');

  test('of the whole data set is answered row by row', async () => {
    const lines = readFileSync('models/boston-housing/boston.csv', 'utf8').trimEnd().split(/\r?\n/);
    const body = lines.map((line) => line.slice(0, line.lastIndexOf(','))).join('\r\n');
    const answers = (await predictions(await csv(body))) as number[];
    expect(answers).toHaveLength(506);
    expect(answers[0]).toBe(PRICE);
  });

  test('is on record as a text', async () => {
    const body = `${NAMES.join(',')}\r\n${VALUES.join(',')}\r\n`;
    const response = await csv(body);
    expect(await predictions(response)).toEqual([PRICE]);
    expect(await recordOf(boston, response)).toMatchObject({
      model: 'boston-housing',
      version: '1',
      input: body,
      output: { predictions: [PRICE] },
    });
  });

  test('names what is wrong by row and column', async () => {
    const header = NAMES.map((name) => (name === 'RM' ? 'ROOMS' : name)).join(',');
    const row = [...VALUES];
    expect(await faults(await csv(`${header}\n${['', ...row.slice(1)].join(',')}\n1,2\n`))).toEqual([
      '/ROOMS',
      '/RM',
      '/0/CRIM',
      '/1',
    ]);
  });

  test('that is none is refused with its line', async () => {
    const response = await csv('CRIM,"ZN\n1,2\n');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'malformed-csv' });
    expect(await (await csv('')).json()).toMatchObject({ status: 400 });
  });

  test('is no body for other routes', async () => {
    const path = '/v1/models/boston-housing:predict';
    expect((await post(boston, path, 'a\n1\n', 'text/csv')).status).toBe(415);
    expect((await post(boston, '/nowhere', 'a\n1\n', 'text/csv')).status).toBe(404);
  });

  test('reads texts with quotes, and a quoted empty text is a text', async () => {
    const response = await post(
      tiny,
      '/v1/models/mixed/invocations',
      't,a,b\n"say ""hi"", you",1,inf\n"",NaN,1\n',
      'text/csv',
    );
    expect(await predictions(response)).toEqual([
      { sum: 'Infinity', text: 'say "hi", you' },
      { sum: 'NaN', text: '' },
    ]);
  });
});

test('a JSON text is no CSV', async () => {
  expect(await faults(await post(boston, INVOKE, '"CRIM"'))).toEqual(['']);
});

test('ping and version answer as text', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  for (const under of ['', '/v1/models/boston-housing']) {
    expect((await get(boston, `${under}/ping`)).status).toBe(200);
    const answer = await get(boston, `${under}/version`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await answer.text()).toBe(version);
  }
  expect((await get(boston, '/v1/models/nope/ping')).status).toBe(404);
});
