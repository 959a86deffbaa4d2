import { renameSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ask, askRaw, connected, recordOf, records, wire, type Reply } from '../client.js';
import { APARTMENT, houses, HOUSE, PREDICT, PRICE, type House } from '../houses.js';
import { eventually, PROJECT, Server, temporaryFolder } from '../server.js';

const CSV = { 'content-type': 'text/csv' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

function csvOf(rows: readonly House[]): string {
  const names = Object.keys(HOUSE);
  const line = (row: House): string => `${names.map((name) => row[name]).join(',')}\n`;
  return `${names.join(',')}\n${rows.map(line).join('')}`;
}

function ndjsonOf(rows: readonly House[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function linesOf({ text }: Pick<Reply, 'text'>): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What is read of an answer that need not end well. */
function readAll(
  server: Server,
  headers: Record<string, string>,
  body: string,
): Promise<{ text: string; whole: boolean }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: server.port,
      path: PREDICT,
      method: 'POST',
      headers,
      agent: false,
    });
    outgoing.on('error', reject);
    const sent = new Promise((done) => outgoing.once('finish', done));
    outgoing.once('response', (incoming) => {
      incoming.on('error', () => undefined);
      // As most clients do: nothing is read before all is sent.
      void sent.then(() => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        incoming.on('close', () => resolve({ text, whole: incoming.complete }));
      });
    });
    outgoing.end(body);
  });
}

describe('bulk', () => {
  let server: Server;
  /** What the same model says to each of these rows as JSON. */
  let expected: number[][];
  const some = houses(1000);
  const send = (headers: Record<string, string>, body: string | Buffer, query = ''): Promise<Reply> =>
    ask(server, PREDICT + query, { headers, body });

  beforeAll(async () => {
    server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_LINE_LIMIT: '1000' });
    const { json } = await ask(server, PREDICT, { body: some });
    expected = (json as { predictions: number[][] }).predictions;
  });

  test('a CSV is answered row by row, in order, as JSON would be', async () => {
    const reply = await send(CSV, csvOf(some));
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(reply.text.split('\n')).toEqual(['prediction', ...expected.map(String), '']);
    expect(await recordOf(server, reply)).toMatchObject({
      status: 200,
      outcome: 'ok',
      model: 'boston-housing',
      version: '1',
      batch: 128,
      truncated: ['input'],
    });
  });

  test('so are NDJSON, bodies in gzip, versions and labels', async () => {
    const rows = houses(300);
    const predictions = expected.slice(0, 300).map((prediction) => ({ prediction }));
    expect(linesOf(await send(NDJSON, ndjsonOf(rows)))).toEqual(predictions);
    const packed = gzipSync(ndjsonOf(rows));
    expect(linesOf(await send({ ...NDJSON, 'content-encoding': 'gzip' }, packed))).toEqual(predictions);
    for (const which of ['versions/1', 'labels/stable']) {
      const path = `/v1/models/boston-housing/${which}/predict`;
      expect(linesOf(await ask(server, path, { headers: NDJSON, body: ndjsonOf(rows) }))).toEqual(
        predictions,
      );
    }
  });

  test('the answer has the form that the caller prefers, whatever that of the body', async () => {
    const [one] = [APARTMENT];
    const line = `{"prediction":[${PRICE}]}\n`;
    const table = `prediction\n${PRICE}\n`;
    const asked = async (headers: Record<string, string>, accept: string, body: string): Promise<string> =>
      (await send({ ...headers, accept }, body)).text;
    expect(await asked(CSV, 'application/x-ndjson', csvOf([one]))).toBe(line);
    expect(await asked(NDJSON, 'text/csv', ndjsonOf([one]))).toBe(table);
    expect(await asked({ 'content-type': 'application/json' }, 'text/csv', JSON.stringify([one]))).toBe(
      table,
    );
    expect(
      await asked({ 'content-type': 'application/json' }, 'application/x-ndjson', JSON.stringify(one)),
    ).toBe(line);
    expect(await send({ ...CSV, accept: 'application/json' }, csvOf([one]))).toMatchObject({
      status: 406,
      json: { code: 'not-acceptable' },
    });
  });

  test('an NDJSON line that is wrong is told in its place', async () => {
    const good = JSON.stringify(HOUSE);
    const long = JSON.stringify({ ...HOUSE, note: 'x'.repeat(1000) });
    const reply = await send(NDJSON, [good, '{', good, '{"RM":"x"}', long, good, ''].join('\n'));
    expect(reply.status).toBe(200);
    expect(linesOf(reply).map(({ line, code, prediction }) => code ?? prediction ?? line)).toEqual([
      [PRICE], 'malformed-json', [PRICE], 'invalid-input', 'line-too-long', [PRICE],
    ]); // prettier-ignore
    expect(linesOf(reply)[3]).toMatchObject({
      line: 4,
      errors: expect.arrayContaining([{ pointer: '/RM', detail: 'must be a number' }]) as unknown,
    });
  });

  test('a CSV stops at a wrong line and names it', async () => {
    const lines = csvOf(houses(5)).split('\n');
    lines[3] = lines[3]!.replace(/^[^,]*/, 'many');
    const reply = await send(CSV, lines.join('\n'));
    expect(reply).toMatchObject({
      status: 422,
      json: { code: 'invalid-input', errors: [{ pointer: '/RAD', detail: 'must be a number (line 4)' }] },
    });
    expect((reply.json as { detail: string }).detail).toContain('Line 4 ');
    expect(await recordOf(server, reply)).toMatchObject({ status: 422, outcome: 'clientError' });
    const rest = await send(CSV, lines.join('\n'), '?onError=skip');
    expect(rest.text.split('\n').map((line) => line.split(',')[0])).toEqual(['line', '2', '3', '5', '6', '']);
  });

  test('a CSV that is wrong far down is answered until there; its end says why, and is no good end', async () => {
    const count = 20_000;
    const lines = csvOf(houses(count)).split('\n');
    lines[count - 10] = 'no,house';
    const { text, whole } = await readAll(server, CSV, lines.join('\n'));
    const answered = text.split('\n');
    expect(whole).toBe(false);
    expect(answered.at(-2)).toBe(`"stopped at line ${count - 9}: has 2 fields, the header has 13"`);
    expect(answered).toHaveLength(count - 11 + 1 + 2); // the answers, the header, the last words and what follows them
    const record = await eventually(
      'it is on record',
      async () => (await records(server, 'status=200&outcome=clientError'))[0],
    );
    expect(record).toMatchObject({ problem: 'invalid-input' });
  });

  test.each([
    ['a header that does not fit', CSV, 'RM,colour\n1,red\n', 422],
    ['an empty CSV', CSV, '', 400],
    ['a word that onError does not know', CSV, csvOf([HOUSE]), 400, '?onError=ignore'],
    [
      'such a word beside a body in JSON',
      { 'content-type': 'application/json' },
      JSON.stringify(HOUSE),
      400,
      '?onError=ignore',
    ],
    ['gzip that is none', { ...CSV, 'content-encoding': 'gzip' }, 'plain', 400],
  ])('%s is refused', async (_what, headers, body, status, query = '') => {
    const reply = await send(headers, body, query);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toMatch('application/problem+json');
    expect(await recordOf(server, reply)).toMatchObject({ status });
  });

  test('no rows are answered with no rows', async () => {
    expect((await send(NDJSON, '')).text).toBe('');
    expect((await send(CSV, csvOf([]))).text).toBe('prediction\n');
  });

  test('a client that sends all before it reads is answered whole, whatever the length', async () => {
    const count = 60_000;
    const { text, whole } = await readAll(server, NDJSON, ndjsonOf(houses(count)));
    expect(whole).toBe(true);
    expect(text.split('\n')).toHaveLength(count + 1);
  });

  test.each(['close', 'keep-alive'])(
    'a client that reads nothing before it has sent all gets to know what is wrong (%s)',
    async (connection) => {
      const line = csvOf(houses(1)).split('\n')[1] as string;
      const head = csvOf([]).trimEnd() || (csvOf(houses(1)).split('\n')[0] as string);
      const body = Buffer.from(`${head}\nwrong\n${`${line}\n`.repeat(300_000)}`);
      const socket = await connected(server);
      socket.pause();
      let sent = false;
      socket.write(wire('POST', PREDICT, { ...CSV, connection, 'content-length': body.length }));
      socket.write(body, () => (sent = true));
      await eventually('all is sent', () => (sent ? true : undefined));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.resume();
      await eventually('the problem is read', () => (text.includes('(line 2)') ? true : undefined));
      expect(text).toMatch(/^HTTP\/1.1 422 /);
      socket.destroy();
    },
  );

  test('a client that sends row by row is answered row by row', async () => {
    const socket = await connected(server);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.write(wire('POST', PREDICT, { ...NDJSON, 'transfer-encoding': 'chunked' }));
    const answers = (): number => text.split('"prediction"').length - 1;
    for (let row = 1; row <= 3; row++) {
      const line = `${JSON.stringify(HOUSE)}\n`;
      socket.write(`${line.length.toString(16)}\r\n${line}\r\n`);
      await eventually(`row ${row} is answered`, () => (answers() === row ? true : undefined));
    }
    socket.write('0\r\n\r\n');
    await eventually('the answer ends', () => (text.endsWith('0\r\n\r\n') ? true : undefined));
    socket.destroy();
  });

  test('a client that goes away is put on record, and its place is free again', async () => {
    const socket = await connected(server);
    socket.write(wire('POST', PREDICT, { ...NDJSON, 'content-length': 1_000_000 }));
    socket.write(ndjsonOf(houses(500)));
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await eventually('it is on record as aborted', async () =>
      (await records(server, 'outcome=aborted')).find(({ route }) => route === '/v1/models/:model/predict'),
    );
  });
});

describe('bulk within bounds', () => {
  test('a house full of bulk bodies refuses the next, and takes it later', async () => {
    const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_BULK_REQUESTS: '1' });
    const socket = await connected(server);
    socket.write(wire('POST', PREDICT, { ...NDJSON, 'content-length': 1_000_000 }));
    socket.write(ndjsonOf([HOUSE]));
    await new Promise((resolve) => socket.once('data', resolve));
    const question = { headers: NDJSON, body: ndjsonOf([HOUSE]) };
    const wrong = { headers: { ...NDJSON, 'request-timeout': 'soon' }, body: question.body };
    expect(await ask(server, PREDICT, wrong)).toMatchObject({
      status: 400,
      json: { code: 'invalid-header' },
    });
    const refused = await ask(server, PREDICT, question);
    expect(refused).toMatchObject({ status: 503, json: { code: 'bulk-busy' } });
    expect(refused.headers['retry-after']).toBe('5');
    socket.destroy();
    await eventually('the place is free', async () =>
      (await ask(server, PREDICT, question)).status === 200 ? true : undefined,
    );
    expect(await ask(server, PREDICT, wrong)).toMatchObject({ status: 400 });
    expect(await ask(server, PREDICT, question)).toMatchObject({ status: 200 }); // a refusal takes no place
  });

  test('an answer that is not given, since it cannot be recorded, gives its place back', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({ ORIEL_DATA: folder, ORIEL_BULK_REQUESTS: '1' });
    const file = join(folder, 'oriel.db');
    const send = (): Promise<Reply> => ask(server, PREDICT, { headers: CSV, body: csvOf([HOUSE]) });
    renameSync(file, `${file}.away`); // what is written now would be gone
    for (let n = 0; n < 3; n++)
      expect([(await send()).status, (await send()).json]).toMatchObject([503, { code: 'not-recorded' }]);
    renameSync(`${file}.away`, file);
    await eventually('answers can be recorded again', async () =>
      (await send()).status === 200 ? true : undefined,
    );
    await server.stop();
  });

  test('a model that is slow makes the rest of the body wait, and fails no row of it', async () => {
    const server = await Server.start({
      ORIEL_MODELS: join(PROJECT, 'test/fixtures/load'),
      ORIEL_DATA: temporaryFolder(),
      ORIEL_INFERENCE_THREADS: '1',
      ORIEL_BATCH_ROWS: '1',
      ORIEL_DEADLINE: '200ms',
    });
    const body = '{"f0":5000}\n'.repeat(8); // each takes about as long as a question may wait
    const answer = await ask(server, '/v1/models/busy/predict', { headers: NDJSON, body });
    expect(linesOf(answer).map((one) => one.code ?? one.prediction)).toEqual(Array(8).fill([5000]));
    await server.stop();
  });

  test('a body may take longer than a request may, but not be silent for so long', async () => {
    const server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_REQUEST_TIMEOUT: '600ms' });
    const socket = await connected(server);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    const line = `${JSON.stringify(HOUSE)}\n`;
    socket.write(wire('POST', PREDICT, { ...NDJSON, 'content-length': line.length * 7 }));
    for (let row = 0; row < 7; row++) {
      socket.write(line);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await eventually('the answer ends', () => (text.endsWith('0\r\n\r\n') ? true : undefined));
    const silent = await askRaw(server, wire('POST', PREDICT, { ...CSV, 'content-length': 100 }));
    expect(silent).toMatchObject({ status: 408, json: { code: 'request-timeout' } });
  });

  test('a queue that is too short for the rows that come makes them wait', async () => {
    const server = await Server.start({
      ORIEL_DATA: temporaryFolder(),
      ORIEL_QUEUE_ROWS: '1',
      ORIEL_BATCH_ROWS: '8',
    });
    const body = ndjsonOf(houses(400));
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => ask(server, PREDICT, { headers: NDJSON, body })),
    );
    for (const reply of replies) {
      expect(linesOf(reply).filter((line) => 'prediction' in line)).toHaveLength(400);
    }
  });
});
