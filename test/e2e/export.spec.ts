import { parquetReadObjects } from 'hyparquet';
import { request, type IncomingMessage } from 'node:http';
import { seed } from '../../scripts/seed/seed.js';
import { ask, type AuditRecord } from '../client.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const EXPORT = '/v1/audit/export';
const RECORDS = 30_000;
const NOON = Date.UTC(2026, 0, 31, 12);

const folder = temporaryFolder();
let server: Server;

beforeAll(async () => {
  await seed(folder, { records: RECORDS, from: NOON, to: NOON + 3_600_000, seed: 7 }, 1000);
  // Records of long ago: nothing may be pruned while the tests look.
  server = await Server.start({
    ORIEL_DATA: folder,
    ORIEL_AUDIT_KEEP: '0',
    ORIEL_AUDIT_KEEP_PAYLOADS: '0',
    ORIEL_REQUEST_TIMEOUT: '3s',
  });
}, 60_000);

async function lines(query = ''): Promise<AuditRecord[]> {
  const { status, text } = await ask(server, `${EXPORT}${query}`);
  expect(status).toBe(200);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditRecord);
}

/** A client that reads the beginning of an export and then nothing more. */
async function stalled(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path: EXPORT, agent: false }, (incoming) => {
      incoming.on('error', () => undefined);
      incoming.once('readable', () => resolve(incoming));
    })
      .on('error', reject)
      .end();
  });
}

const seqs = (records: readonly AuditRecord[]): number[] => records.map(({ seq }) => seq as number);

describe('an export', () => {
  test('is every record, each as it is alone, and is itself on record', async () => {
    const found = await lines();
    const ours = found.filter(({ time }) => (time as string).startsWith('2026-01-31'));
    expect(ours).toHaveLength(RECORDS);
    expect(seqs(found)).toEqual([...seqs(found)].sort((a, b) => a - b));
    for (const line of [ours[0], ours[17_000], ours.at(-1)] as AuditRecord[])
      expect((await ask(server, `/v1/audit/requests/${line.id}`)).json).toEqual(line);
    const last = (await lines(`?from=${(found.at(-1)?.seq as number) + 1}`)).map(({ route }) => route);
    expect(last).toContain('/v1/audit/export');
  });

  test('can be resumed where it broke off', async () => {
    const whole = await lines('?to=2026-02-01T00:00:00Z');
    const half = await stalled();
    const begin = (half.read() as Buffer).toString('utf8');
    half.destroy();
    const got = begin.slice(0, begin.lastIndexOf('\n') + 1).split('\n').slice(0, -1); // prettier-ignore
    const last = JSON.parse(got.at(-1) as string) as AuditRecord;
    const rest = await lines(`?from=${(last.seq as number) + 1}&to=2026-02-01T00:00:00Z`);
    expect([...got.map((line) => JSON.parse(line) as AuditRecord), ...rest]).toEqual(whole);
  });

  test('has the form that is asked for', async () => {
    const few = '?from=2026-01-31T12:00:00Z&to=2026-01-31T12:01:00Z';
    const count = (await lines(few)).length;
    expect(count).toBeGreaterThan(100);
    const csv = await ask(server, `${EXPORT}${few}`, { headers: { accept: 'text/csv' } });
    expect(csv.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="audit.csv"',
      vary: expect.stringContaining('Accept') as string,
    });
    expect(csv.text.split('\r\n')).toHaveLength(count + 2);
    const accept = 'application/json;q=0.1, application/vnd.apache.parquet';
    const parquet = await ask(server, `${EXPORT}${few}`, { headers: { accept } });
    expect(parquet.headers['content-type']).toBe('application/vnd.apache.parquet');
    const { buffer, byteOffset, length } = parquet.bytes;
    const file = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
    expect(await parquetReadObjects({ file })).toHaveLength(count);
    const byName = await ask(server, `${EXPORT}${few}&format=csv`, {
      headers: { accept: 'application/json' },
    });
    expect(byName.text).toBe(csv.text);
  });

  test('is told by HEAD without being made', async () => {
    const reply = await ask(server, `${EXPORT}?format=csv`, { method: 'HEAD' });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toContain('text/csv');
    expect(reply.bytes).toHaveLength(0);
  });

  test.each([
    ['?from=yesterday', '/from'],
    ['?to=1.5x', '/to'],
    ['?format=xlsx', '/format'],
    ['?filter=price%3D3', '/filter'],
    ['?limit=3', '/limit'],
    ['?status=2x', '/status'],
  ])('says what is wrong with %s', async (query, pointer) => {
    const { status, json } = await ask(server, `${EXPORT}${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'invalid-parameter', errors: [{ pointer }] });
  });

  test('is refused in a form that there is none of', async () => {
    const reply = await ask(server, EXPORT, { headers: { accept: 'image/png' } });
    expect(reply.status).toBe(406);
    expect(reply.json).toMatchObject({ code: 'not-acceptable' });
  });
});

describe('exports at once', () => {
  test('are as many as may be; clients that read nothing, or go, free their places', async () => {
    const first = await stalled();
    const second = await stalled();
    for (const path of [EXPORT, '/v1/audit/verify']) {
      const refused = await ask(server, path);
      expect(refused.status).toBe(503);
      expect(refused.json).toMatchObject({ code: 'exports-busy' });
      expect(refused.headers['retry-after']).toBe('5');
    }
    expect((await ask(server, '/v1/audit/requests?limit=1')).status).toBe(200);
    first.destroy();
    await eventually('a place is free again', async () =>
      (await ask(server, `${EXPORT}?from=1&to=2`)).status === 200 ? true : undefined,
    );
    // The other is cut off for its silence.
    const cut = new Promise((resolve) => second.once('close', resolve));
    second.resume();
    second.pause();
    await eventually(
      'both places are free again',
      async () => {
        const both = await Promise.all([1, 2].map(() => ask(server, `${EXPORT}?from=1&to=20000`)));
        return both.every(({ status }) => status === 200) ? true : undefined;
      },
      15_000,
    );
    second.resume();
    await cut;
    expect(second.complete).toBe(false);
  });
});
