import { seed } from '../../scripts/seed/seed.js';
import { ask, type AuditRecord, type Reply } from '../client.js';
import { HOUSE, PREDICT } from '../houses.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const LIST = '/v1/audit/requests';
const NOON = Date.UTC(2026, 0, 31, 12);
const PAST = `from=${NOON}&to=${NOON + 600_000}`;
const COUNT = 3000;

const folder = temporaryFolder();
let server: Server;

beforeAll(async () => {
  await seed(folder, { records: COUNT, from: NOON, to: NOON + 600_000, seed: 3 }, 500);
  server = await Server.start({ ORIEL_DATA: folder, ORIEL_AUDIT_KEEP: '0', ORIEL_AUDIT_KEEP_PAYLOADS: '0' });
}, 60_000);

interface Page {
  items: AuditRecord[];
  nextPageToken?: string;
}

async function pages(
  query: string,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<AuditRecord[]> {
  const items: AuditRecord[] = [];
  let token = '';
  do {
    const { status, json } = await ask(server, `${LIST}?${query}${token}`);
    expect(status).toBe(200);
    const page = json as Page;
    items.push(...page.items);
    token = page.nextPageToken === undefined ? '' : `&pageToken=${encodeURIComponent(page.nextPageToken)}`;
    await between();
  } while (token !== '');
  return items;
}

const total = (record: AuditRecord): number => (record.latency as { total: number }).total;

describe('pages', () => {
  test('hold every record once, in the order asked for', async () => {
    const newest = await pages(`${PAST}&limit=1000`);
    expect(newest).toHaveLength(COUNT);
    expect(new Set(newest.map(({ id }) => id)).size).toBe(COUNT);
    const oldest = await pages(`${PAST}&limit=700&order=time`);
    expect(oldest.map(({ id }) => id)).toEqual(newest.map(({ id }) => id).reverse());
    const slowest = await pages(`${PAST}&limit=700&order=-latency`);
    expect(slowest.map(total)).toEqual(newest.map(total).sort((a, b) => b - a));
    expect(new Set(slowest.map(({ id }) => id)).size).toBe(COUNT);
  });

  test('neither repeat nor skip a record, and show none that came after the first, while others are written', async () => {
    const write = (): Promise<Reply> => ask(server, PREDICT, { body: HOUSE });
    await write();
    const before = await pages('model=boston-housing&limit=1000');
    for (const order of ['-time', 'time', 'latency', '-latency']) {
      const found = await pages(`model=boston-housing&limit=400&order=${order}`, write);
      const known = new Set(before.map(({ id }) => id));
      const ids = found.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(before.every(({ id }) => ids.includes(id))).toBe(true);
      expect(known.size).toBeLessThanOrEqual(ids.length);
    }
  });

  test('of the past never change, say so, and are not sent twice', async () => {
    const first = await ask(server, `${LIST}?${PAST}&limit=10`);
    expect(first.headers['cache-control']).toBe('private, max-age=86400, immutable');
    const tag = first.headers.etag as string;
    const again = await ask(server, `${LIST}?${PAST}&limit=10`, { headers: { 'if-none-match': tag } });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    const other = await ask(server, `${LIST}?${PAST}&limit=11`, { headers: { 'if-none-match': tag } });
    expect(other.status).toBe(200);
    const open = await ask(server, `${LIST}?from=${NOON}&limit=10`);
    expect(open.headers['cache-control']).toBe('private, no-cache');
  });

  test('of the past are others once a record of theirs is erased', async () => {
    const path = `${LIST}?${PAST}&limit=5`;
    const before = await ask(server, path);
    const [one] = (before.json as Page).items as [AuditRecord];
    const erased = await ask(server, '/v1/audit/erasures', { body: { record: one.id, reason: 'asked for' } });
    expect([200, 201, 202]).toContain(erased.status);
    const tag = before.headers.etag as string;
    await eventually('the page is without it', async () => {
      const reply = await ask(server, path, { headers: { 'if-none-match': tag } });
      if (reply.status !== 200) return undefined;
      const found = (reply.json as Page).items.find(({ id }) => id === one.id);
      return found === undefined || found.input === undefined || undefined;
    });
  });
});

describe('a filter', () => {
  test('narrows a list, counts and an export to the same records', async () => {
    const filter = `filter=${encodeURIComponent('model = "fraud" AND (status >= 400 OR latency.total > 3ms)')}`;
    const listed = await pages(`${PAST}&limit=1000&${filter}`);
    expect(listed.length).toBeGreaterThan(10);
    for (const record of listed) {
      expect(record.model).toBe('fraud');
      expect(record.status >= 400 || total(record) > 3).toBe(true);
    }
    const { json } = await ask(server, `/v1/audit/stats?${PAST}&${filter}`);
    expect(json).toMatchObject({
      every: null,
      items: [{ count: listed.length, latency: { max: Math.max(...listed.map(total)) } }],
    });
    const { text } = await ask(server, `/v1/audit/export?${PAST}&${filter}`);
    expect(text.split('\n')).toHaveLength(listed.length + 1);
  });

  test.each([
    ['requests', 'filter', 'status %3D'],
    ['stats', 'filter', 'price %3D 3'],
    ['requests', 'order', 'price'],
    ['stats', 'by', 'colour'],
    ['stats', 'every', '10ms'],
    ['stats', 'every', '1s&from=0'],
    ['requests', 'pageToken', 'made-up'],
  ])('of /%s: a wrong %s is named', async (what, parameter, value) => {
    const { status, json } = await ask(
      server,
      `/v1/audit/${what}?${parameter}=${value.replaceAll(' ', '%20')}`,
    );
    expect(status).toBe(400);
    expect((json as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)).toEqual([
      `/${parameter}`,
    ]);
  });

  test('of another list does not go with a page token', async () => {
    const { json } = await ask(server, `${LIST}?${PAST}&limit=5`);
    const token = encodeURIComponent((json as Page).nextPageToken as string);
    const reply = await ask(server, `${LIST}?${PAST}&limit=5&status=4xx&pageToken=${token}`);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ errors: [{ pointer: '/pageToken' }] });
  });
});

describe('stats', () => {
  test('count in buckets by what is asked for', async () => {
    const { json } = await ask(server, `/v1/audit/stats?by=model,status&every=1m&${PAST}`);
    const { every, items } = json as {
      every: string;
      items: (Record<string, unknown> & { count: number })[];
    };
    expect(every).toBe('1m');
    expect(items.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(COUNT - 1);
    expect(new Set(items.map(({ from }) => from)).size).toBe(10);
    expect(items[0]).toMatchObject({ from: '2026-01-31T12:00:00.000Z', to: '2026-01-31T12:01:00.000Z' });
    expect(Object.keys(items[0] as object)).toEqual(['from', 'to', 'model', 'status', 'count', 'latency']);
  });
});
