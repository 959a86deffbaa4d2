import { gzipSync } from 'node:zlib';
import { ask } from '../client.js';
import {
  at,
  CARS,
  DEFINITION,
  put,
  putCars,
  send,
  short,
  windows,
  type Ingested,
  type Page,
} from '../cars.js';
import { eventually, Server, temporaryFolder } from '../server.js';

let server: Server;
let path: string;
let count = 0;
const { minute, today, trip } = DEFINITION.windows;

beforeAll(async () => {
  server = await Server.start({ ORIEL_DATA: temporaryFolder(), ORIEL_STREAM_EVENTS: '3000' });
});
beforeEach(() => {
  path = `/v1/streams/cars-${++count}`;
});

/** A stream without sources, whose clock is the newest event. */
const SIMPLE = {
  source: null,
  watermark: { bound: 0, futureLimit: null },
  lateness: '1m',
  windows: { minute },
};

const simple = (changes: object = {}): Promise<void> => putCars(server, { ...SIMPLE, ...changes }, path);
const lines = async (query = '', window?: string): Promise<string[]> =>
  (await windows(server, query, path, window)).items.map(short);

describe('a definition', () => {
  test('is put, shown with its defaults, put again as shown, and removed', async () => {
    const created = await put(server, path, DEFINITION);
    expect([created.status, created.headers.location]).toEqual([201, path]);
    const name = path.split('/').at(-1);
    const shown = await ask(server, path);
    expect(shown.json).toEqual(created.json);
    expect(shown.json).toMatchObject({ name, dedupeFor: '1d', sentAt: null, lateness: '30s' });
    expect(shown.json).toMatchObject({ windows: { minute: { offset: '0ms' } } });
    expect((await put(server, path, shown.json)).status).toBe(200);
    const tag = String(shown.headers.etag);
    expect((await ask(server, path, { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect((await ask(server, path, { method: 'HEAD' })).status).toBe(200);
    expect((await ask(server, path, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(server, path)).json).toMatchObject({ status: 404, code: 'unknown-stream' });
    expect((await ask(server, path, { method: 'DELETE' })).status).toBe(404);
  });

  test('is told all that is wrong with it, each with its pointer', async () => {
    const { status, json } = await put(server, path, {
      name: 'other',
      lateness: 'soon',
      windows: {
        minute: { type: 'tumbling', size: 0, aggregates: { x: { op: 'average', field: 'speed' } } },
      },
      colour: 'red',
    });
    expect(status).toBe(422);
    const { code, errors } = json as { code: string; errors: { pointer: string }[] };
    expect(code).toBe('invalid-definition');
    const pointers = [
      '/name',
      '/eventTime',
      '/lateness',
      '/windows/minute/size',
      '/windows/minute/aggregates/x/op',
      '/colour',
    ];
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(pointers.sort());
    const named = await put(server, '/v1/streams/a%20b', DEFINITION);
    expect(named.json).toMatchObject({ status: 422, errors: [{ pointer: '/name' }] });
  });

  test('that would alter results is refused, unless the stream is empty or begins anew', async () => {
    await simple();
    const wider = { ...DEFINITION, ...SIMPLE, windows: { minute: { ...minute, size: '2m' } } };
    expect((await put(server, path, wider)).status).toBe(200);
    await send(server, at('12:00:10'), path);
    const refused = await put(server, path, { ...DEFINITION, ...SIMPLE, lateness: '2m' });
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({ code: 'altering-change' });
    const pointers = (refused.json as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/lateness']));
    expect(await lines()).toEqual(['A 12:00–12:02 open r0 n1 avg40']);
    expect((await put(server, `${path}?restart=true`, { ...DEFINITION, ...SIMPLE })).status).toBe(200);
    expect(await lines()).toEqual([]);
    expect((await put(server, `${path}?restart=maybe`, DEFINITION)).json).toMatchObject({
      status: 400,
      errors: [{ pointer: '/restart' }],
    });
  });

  test('may get more windows while it has events', async () => {
    await simple();
    await send(server, at('12:00:10'), path);
    expect((await put(server, path, { ...DEFINITION, ...SIMPLE, windows: { minute, trip } })).status).toBe(
      200,
    );
    await send(server, at('12:00:20'), path);
    expect(await lines()).toEqual(['A 12:00–12:01 open r0 n2 avg40']);
    expect(await lines('', 'trip')).toEqual(['A 12:00–12:05 open r0 n1']);
  });

  test('of the built-in stream takes more windows, but no other change, no events and no removal', async () => {
    const predictions = '/v1/streams/predictions';
    const { json } = await ask(server, predictions);
    expect(json).toMatchObject({ name: 'predictions', key: ['model', 'version'] });
    const reserved = { status: 409, code: 'reserved-stream' };
    expect((await put(server, predictions, { ...(json as object), lateness: 0 })).json).toMatchObject(
      reserved,
    );
    expect((await ask(server, predictions, { method: 'DELETE' })).json).toMatchObject(reserved);
    const event = { model: 'm', version: '1', time: 0 };
    expect((await ask(server, `${predictions}/events`, { body: event })).json).toMatchObject(reserved);
    const hour = { type: 'tumbling', size: '1h', aggregates: { n: { op: 'count' } } };
    const own = (json as { windows: object }).windows;
    expect((await put(server, predictions, { ...(json as object), windows: { ...own, hour } })).status).toBe(
      200,
    );
  });

  test('is in the list of streams, page by page', async () => {
    for (let i = 0; i < 3; i++) await putCars(server, {}, `/v1/streams/listed-${count}-${i}`);
    const names: string[] = [];
    let next: string | undefined = '/v1/streams?limit=2';
    while (next) {
      const { headers, json } = await ask(server, next);
      const { items } = json as { items: { name: string }[] };
      expect(items.length).toBeLessThanOrEqual(2);
      names.push(...items.map(({ name }) => name));
      next = /^<(.*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
    }
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining([0, 1, 2].map((i) => `listed-${count}-${i}`)));
  });
});

describe('events', () => {
  test('are counted by what became of them, and good ones of a mixed request are kept', async () => {
    await simple();
    const twice = at('12:00:50', 60);
    const answer = await send(
      server,
      [at('12:00:10', 40), twice, { car: 'A' }, twice, at('12:03:00'), at('12:00:20')],
      path,
    );
    expect(answer).toMatchObject({
      accepted: 4,
      duplicates: 1,
      late: { events: 1, windows: 1 },
      future: 0,
      watermark: '2026-01-31T12:03:00.000Z',
    });
    expect(answer.rejected).toEqual([
      {
        index: 2,
        errors: expect.arrayContaining([expect.objectContaining({ pointer: '/time' })]) as unknown,
      },
    ]);
    expect(await lines()).toEqual(['A 12:00–12:01 final r1 n2 avg50', 'A 12:03–12:04 open r0 n1 avg40']);
  });

  test('of an atomic request are all taken or none', async () => {
    await simple();
    const refused = await ask(server, `${path}/events?atomic=true`, {
      body: [at('12:00:10'), { car: 'A', id: 'x' }],
    });
    expect(refused.json).toMatchObject({
      status: 422,
      code: 'rejected-events',
      errors: [{ pointer: '/1/time' }],
    });
    expect(await lines()).toEqual([]);
    const taken = await ask(server, `${path}/events?atomic=true`, { body: [at('12:00:10'), at('12:00:11')] });
    expect(taken.json).toMatchObject({ accepted: 2, rejected: [] });
  });

  test('come as NDJSON, whose bad lines are named', async () => {
    await simple();
    const body = `${JSON.stringify(at('12:00:10'))}\r\n\n{"car":\n${JSON.stringify(at('12:00:20'))}`;
    const headers = { 'content-type': 'application/x-ndjson' };
    const { json } = await ask(server, `${path}/events`, { method: 'POST', headers, body });
    expect(json).toMatchObject({ accepted: 2, rejected: [{ index: 1, errors: [{ pointer: '' }] }] });
  });

  test('come as CloudEvents: structured, in batches, binary', async () => {
    await simple({ source: 'device' });
    const event = (id: string, time: string): object => ({
      specversion: '1.0',
      type: 'moved',
      source: 'phone-1',
      id,
      time: `2026-01-31T${time}Z`,
      data: { car: 'A', speed: 30 },
    });
    const post = async (type: string, body: object, more = {}): Promise<Ingested> => {
      const question = { headers: { 'content-type': type, ...more }, body };
      const reply = await ask(server, `${path}/events`, question);
      expect([type, reply.status, reply.text]).toEqual([type, 200, reply.text]);
      return reply.json as Ingested;
    };
    expect(await post('application/cloudevents+json', event('1', '12:00:10'))).toMatchObject({ accepted: 1 });
    const batch = [event('1', '12:00:10'), event('2', '12:00:20')];
    expect(await post('application/cloudevents-batch+json', batch)).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
    const attributes = {
      'ce-specversion': '1.0',
      'ce-type': 'moved',
      'ce-source': 'phone-1',
      'ce-id': '3',
      'ce-time': '2026-01-31T12:00:30Z',
    };
    expect(await post('application/json', { car: 'A', speed: 60 }, attributes)).toMatchObject({
      accepted: 1,
    });
    expect(await lines()).toEqual(['A 12:00–12:01 open r0 n3 avg40']);
  });

  test('that are too many for one request are refused, and many are taken in parts', async () => {
    await simple();
    const many = Array.from({ length: 3000 }, () => at('12:00:10'));
    expect(await send(server, many, path)).toMatchObject({ accepted: 3000, rejected: [] });
    const beyond = await ask(server, `${path}/events`, { body: [...many, at('12:00:10')] });
    expect(beyond.json).toMatchObject({ status: 413, code: 'too-many-events' });
    expect(await send(server, many, path)).toMatchObject({ accepted: 0, duplicates: 3000 });
    expect(await lines()).toEqual(['A 12:00–12:01 open r0 n3000 avg40']);
  });

  test.each([
    ['{"car":', 'application/json', 400, 'malformed-json'],
    ['', 'application/json', 400, 'empty-body'],
    ['time,car', 'text/csv', 415, 'unsupported-media-type'],
    ['[]', 'application/cloudevents+json', 422, 'invalid-events'],
  ])('in the body %j of %s are refused', async (body, type, status, code) => {
    await simple();
    const reply = await ask(server, `${path}/events`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(reply.json).toMatchObject({ status, code });
  });

  test('to a stream that is not there are refused', async () => {
    expect((await ask(server, `${path}/events`, { body: {} })).json).toMatchObject({
      status: 404,
      code: 'unknown-stream',
    });
  });

  test('of none leave all as it is', async () => {
    await simple();
    expect(await send(server, [], path)).toEqual({
      accepted: 0, duplicates: 0, late: { events: 0, windows: 0 }, future: 0, rejected: [], watermark: null,
    }); // prettier-ignore
  });

  test('end with the end of input: all is final, what comes after is late', async () => {
    await simple();
    expect(await send(server, [at('12:00:10'), { $watermark: 'end' }], path)).toMatchObject({
      watermark: 'end',
    });
    expect(await lines()).toEqual(['A 12:00–12:01 final r1 n1 avg40']);
    expect(await send(server, at('13:00:00'), path)).toMatchObject({
      accepted: 1,
      late: { events: 1, windows: 1 },
    });
    const { json } = await ask(server, `${path}/late?missed=all`);
    expect(json).toMatchObject({ items: [{ lateBy: null, counted: [] }] });
  });
});

describe('windows', () => {
  beforeEach(async () => {
    await simple({ windows: { minute, today }, lateness: '2m' });
    await send(
      server,
      [
        at('12:00:10', 10),
        at('12:00:20', 20, 'B'),
        at('12:02:30', 30),
        at('12:04:00', 50),
        at('12:04:40', 60, 'B'),
      ],
      path,
    );
  });

  test('are listed in order with those that are open, by state, time and key', async () => {
    const all = [
      'A 12:00–12:01 final r1 n1 avg10',
      'B 12:00–12:01 final r1 n1 avg20',
      'A 12:02–12:03 closed r1 n1 avg30',
      'A 12:04–12:05 open r0 n1 avg50',
      'B 12:04–12:05 open r0 n1 avg60',
    ];
    expect(await lines()).toEqual(all);
    expect(await lines('?state=final')).toEqual(all.slice(0, 2));
    expect(await lines('?state=closed')).toEqual(all.slice(2, 3));
    expect(await lines('?state=open,closed')).toEqual(all.slice(2));
    expect(await lines('?key.car=B')).toEqual([all[1], all[4]]);
    expect(await lines('?from=2026-01-31T12:00:59.999Z&to=2026-01-31T12:02:00.001Z')).toEqual(
      all.slice(0, 3),
    );
    expect(await lines('?from=2026-01-31T12:01:00Z&to=2026-01-31T12:02:00Z')).toEqual([]);
  });

  test('come page by page, stored and open ones alike', async () => {
    const found: string[] = [];
    let next: string | undefined = `${path}/windows/minute?limit=2`;
    while (next) {
      const { headers, json } = await ask(server, next);
      found.push(...(json as Page).items.map(short));
      next = /^<(.*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
    }
    expect(found).toEqual(await lines());
    const { nextPageToken } = await windows(server, '?limit=1', path);
    const other = await ask(server, `${path}/windows/minute?limit=1&state=final&pageToken=${nextPageToken}`);
    expect(other.json).toMatchObject({ status: 400, errors: [{ pointer: '/pageToken' }] });
  });

  test('that nobody is in are filled in', async () => {
    const gaps = (query: string): Promise<string[]> => lines(`?key.car=A&${query}`);
    expect(await gaps('fill=null')).toEqual([
      'A 12:00–12:01 final r1 n1 avg10',
      'A 12:01–12:02 final r0 nnull avgnull',
      'A 12:02–12:03 closed r1 n1 avg30',
      'A 12:03–12:04 closed r0 nnull avgnull',
      'A 12:04–12:05 open r0 n1 avg50',
    ]);
    expect((await gaps('fill=previous'))[3]).toBe('A 12:03–12:04 closed r0 n1 avg30');
    expect((await gaps('fill=linear'))[1]).toBe('A 12:01–12:02 final r0 n1 avg20');
    const asked = await gaps('fill=null&from=2026-01-31T11:59:00Z&to=2026-01-31T12:06:00Z');
    expect([asked.length, asked[0], asked[6]]).toEqual([
      7,
      'A 11:59–12:00 final r0 nnull avgnull',
      'A 12:05–12:06 open r0 nnull avgnull',
    ]);
    const page = await windows(server, '?fill=null&limit=3', path);
    const rest = await windows(server, `?fill=null&limit=1000&pageToken=${page.nextPageToken}`, path);
    expect([...page.items, ...rest.items].map(short)).toEqual(await lines('?fill=null'));
    const much = await ask(server, `${path}/windows/minute?fill=null&from=2020-01-01T00:00:00Z`);
    expect(much.json).toMatchObject({ status: 400, code: 'too-many-items', errors: [{ pointer: '/fill' }] });
  });

  test.each([
    ['?key.colour=red&limit=5', '/key.colour'],
    ['?key.car=A&key.car=B', '/key.car'],
    ['?state=over', '/state'],
    ['?fill=zero', '/fill'],
    ['?limit=0', '/limit'],
    ['?from=noon', '/from'],
    ['?pageToken=x', '/pageToken'],
    ['?where=here', '/where'],
  ])('asked for by %s are refused', async (query, pointer) => {
    const { json } = await ask(server, `${path}/windows/minute${query}`);
    expect(json).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  test('of no definition are not found', async () => {
    for (const name of ['hour', 'toString', '__proto__'])
      expect((await ask(server, `${path}/windows/${name}`)).json).toMatchObject({
        status: 404,
        code: 'unknown-window',
      });
  });

  test('have addresses of their own; a final one is immutable', async () => {
    const [first, , closed, open] = (await windows(server, '', path)).items;
    const final = await ask(server, first!.url!);
    expect(final.json).toMatchObject({ ...first, window: 'minute' });
    expect(final.headers['cache-control']).toMatch(/immutable/);
    const known = await ask(server, first!.url!, {
      headers: { 'if-none-match': String(final.headers.etag) },
    });
    expect([known.status, known.text]).toEqual([304, '']);
    for (const one of [closed, open]) {
      const now = await ask(server, one!.url!);
      expect(now.json).toMatchObject({ ...one });
      expect(now.headers['cache-control']).toBe('private, no-cache');
      expect(
        (await ask(server, one!.url!, { headers: { 'if-none-match': String(now.headers.etag) } })).status,
      ).toBe(304);
    }
    expect((await ask(server, `${path}/windows/minute/bm9uZQ`)).json).toMatchObject({ status: 404 });
    expect((await put(server, `${path}?restart=true`, { ...DEFINITION, ...SIMPLE })).status).toBe(200);
    await send(server, [at('12:00:10', 99), { $watermark: 'end' }], path);
    expect((await ask(server, first!.url!)).json).toMatchObject({ status: 404, code: 'unknown-window' });
  });

  test('of keys that are not texts are asked for by their JSON', async () => {
    await send(server, [at('12:04:50', 1, 7), at('12:04:50', 2, null), at('12:04:50', 3, '7')], path);
    const open = await windows(server, '?key.car=7', path);
    expect(open.items.map(({ key }) => key.car)).toEqual(expect.arrayContaining([7, '7']));
    expect(open.items).toHaveLength(2);
    await send(server, { $watermark: 'end' }, path);
    expect((await windows(server, '?key.car=7', path)).items).toHaveLength(2);
    expect((await windows(server, '?key.car=null', path)).items.map(({ key }) => key.car)).toEqual([null]);
  });
});

test('sessions that merge withdraw those that they swallow', async () => {
  await simple({ windows: { trip }, lateness: '1h' });
  await send(server, [at('12:00:00'), at('12:08:00'), at('12:20:00')], path);
  expect(await lines('', 'trip')).toEqual([
    'A 12:00–12:05 closed r1 n1',
    'A 12:08–12:13 closed r1 n1',
    'A 12:20–12:25 open r0 n1',
  ]);
  await send(server, at('12:04:00'), path);
  const { items } = await windows(server, '?state=closed,withdrawn', path, 'trip');
  expect(items.map(short)).toEqual([
    'A 12:00–12:05 withdrawn r2 ',
    'A 12:00–12:13 closed r1 n3',
    'A 12:08–12:13 withdrawn r2 ',
  ]);
  expect(items[0]!.mergedInto).toEqual({ start: items[1]!.start, end: items[1]!.end });
  expect((await ask(server, `${path}/windows/trip?fill=null`)).json).toMatchObject({
    status: 400,
    errors: [{ pointer: '/fill' }],
  });
});

test('a phone in a tunnel holds the clock back, falls idle, corrects what it can and is late for the rest', async () => {
  const bounded = { type: 'bounded', bound: '5s', idleAfter: '400ms', futureLimit: null };
  await putCars(server, { watermark: bounded, windows: { minute, today } }, path);
  await send(server, [at('12:00:10', 10), at('12:00:10', 50, 'B')], path);
  const drive = await send(server, at('12:01:20', 50, 'B'), path);
  expect(drive.watermark).toBe('2026-01-31T12:00:05.000Z');
  expect((await ask(server, `${path}/clock`)).json).toMatchObject({ heldBackBy: 'phone-A' });
  // In the tunnel nothing comes, while B keeps on telling where it is.
  await eventually('the phone in the tunnel is idle', async () => {
    await send(server, at('12:01:20', 50, 'B'), path);
    return (await windows(server, '', path)).watermark === '2026-01-31T12:01:15.000Z' ? true : undefined;
  });
  expect((await lines()).slice(0, 2)).toEqual([
    'A 12:00–12:01 closed r1 n1 avg10',
    'B 12:00–12:01 closed r1 n1 avg50',
  ]);
  // Out of it, it sends what it kept: in time for a correction.
  expect(await send(server, at('12:00:40', 30), path)).toMatchObject({ late: { events: 0, windows: 0 } });
  expect((await lines())[0]).toBe('A 12:00–12:01 closed r2 n2 avg20');
  await eventually('it is idle again, and B goes on', async () => {
    await send(server, at('12:02:00', 50, 'B'), path);
    return (await windows(server, '', path)).watermark === '2026-01-31T12:01:55.000Z' ? true : undefined;
  });
  expect((await lines())[0]).toBe('A 12:00–12:01 final r2 n2 avg20');
  // Another piece of its past comes too late for the minute, but not for the day.
  const last = at('12:00:50', 90);
  expect(await send(server, last, path)).toMatchObject({ accepted: 1, late: { events: 0, windows: 1 } });
  expect((await lines())[0]).toBe('A 12:00–12:01 final r2 n2 avg20');
  const { json } = await ask(server, `${path}/late`);
  expect(json).toMatchObject({
    items: [{ key: { car: 'A' }, lateBy: '1m5s', event: last, missed: [{ window: 'minute' }] }],
  });
  const [{ counted }] = (json as { items: [{ counted: { window: string }[] }] }).items;
  expect(new Set(counted.map(({ window }) => window))).toEqual(new Set(['today']));
  expect((await ask(server, `${path}/late?missed=all`)).json).toEqual({ items: [] });
  const clock = await ask(server, `${path}/clock`);
  expect(clock.json).toMatchObject({
    watermark: '2026-01-31T12:01:55.000Z',
    counters: { lateEvents: 0, lateWindows: 1, duplicates: 0, rejected: 0, unassigned: 0 },
  });
  const { sources, boundFor } = clock.json as {
    sources: { source: string }[];
    boundFor: Record<string, string>;
  };
  expect(sources.map(({ source }) => source).sort()).toEqual(['phone-A', 'phone-B']);
  expect(Object.keys(boundFor)).toEqual(['0.95', '0.99', '0.999']);
});

test('an alarm is raised, listed and shown by health while too many events are late', async () => {
  const alarm = { lateRatio: 0.2, over: '1h', minEvents: 5 };
  await simple({ alarm, lateness: 0 });
  const late = Array.from({ length: 4 }, () => at('12:00:30'));
  await send(server, [at('12:10:00'), at('12:10:01'), ...late], path);
  const { json } = await ask(server, `${path}/alarms`);
  expect(json).toMatchObject({ items: [{ raised: true }] });
  const name = path.split('/').at(-1);
  expect((await ask(server, '/health')).json).toMatchObject({
    status: 'degraded',
    details: { streams: { status: 'degraded', alarms: [name] } },
  });
  expect((await ask(server, `${path}/clock`)).json).toMatchObject({ alarm: { raised: true } });
  expect((await ask(server, path, { method: 'DELETE' })).status).toBe(204);
  expect((await ask(server, '/health')).json).toMatchObject({ details: { streams: { status: 'up' } } });
});

test('windows are filled in from the first to the last, although others overlap them', async () => {
  const hopping = { type: 'hopping', size: '3m', every: '2m', aggregates: {} };
  const growing = { type: 'cumulative', size: '4m', step: '1m', aggregates: {} };
  await simple({ windows: { hopping, growing } });
  await send(server, [at('12:03:30'), at('12:10:30')], path);
  const spans = (list: readonly string[]): string[] => list.map((line) => line.slice(0, 13));
  const there = spans(await lines('', 'hopping'));
  const full = spans(await lines('?fill=null', 'hopping'));
  expect([full[0], full.at(-1)]).toEqual([there[0], there.at(-1)]);
  expect(full).toEqual(['A 12:02–12:05', 'A 12:04–12:07', 'A 12:06–12:09', 'A 12:08–12:11', 'A 12:10–12:13']); // prettier-ignore
  expect(spans(await lines('?fill=null', 'growing'))).toEqual([
    'A 12:00–12:04', 'A 12:04–12:05', 'A 12:04–12:06', 'A 12:04–12:07', 'A 12:04–12:08', 'A 12:08–12:09', 'A 12:08–12:10', 'A 12:08–12:11', 'A 12:08–12:12',
  ]); // prettier-ignore
  expect((await lines('?fill=null&from=2026-01-31T12:02:00Z', 'hopping'))[0]).toMatch('12:00–12:03');
});

test('late events are listed page by page, in both directions', async () => {
  await simple({ lateness: 0 });
  await send(server, [at('12:10:00'), at('12:00:01', 1), at('12:00:02', 2), at('12:00:03', 3)], path);
  for (const [order, wanted] of [['seq', [1, 2, 3]], ['-seq', [3, 2, 1]]] as const) {
    const speeds: number[] = [];
    let next: string | undefined = `${path}/late?limit=2&order=${order}`;
    while (next) {
      const { headers, json } = await ask(server, next);
      speeds.push(...(json as { items: { event: { speed: number } }[] }).items.map(({ event }) => event.speed));
      next = /^<(.*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
    }
    expect([order, speeds]).toEqual([order, wanted]);
  }
}); // prettier-ignore

test('times tell each event by both clocks, and a sample of many', async () => {
  await putCars(server, { watermark: { bound: '10s', futureLimit: null }, windows: { minute } }, path);
  await send(server, [at('12:00:30'), at('12:00:20')], path);
  const received = Date.now();
  await send(
    server,
    Array.from({ length: 100 }, (_, i) => at(`12:01:${String(i % 60).padStart(2, '0')}`)),
    path,
  );
  const all = (await ask(server, `${path}/times`)).json as { items: Record<string, unknown>[] };
  expect(all).toMatchObject({ events: 102, exact: true });
  expect(all.items).toHaveLength(102);
  expect(all.items.slice(0, 2)).toEqual([
    { time: '2026-01-31T12:00:30.000Z', received: expect.any(String) as string, source: 'phone-A', watermark: '2026-01-31T12:00:20.000Z' },
    { time: '2026-01-31T12:00:20.000Z', received: expect.any(String) as string, source: 'phone-A', watermark: '2026-01-31T12:00:20.000Z' },
  ]); // prettier-ignore
  const some = (await ask(server, `${path}/times?from=${received}&limit=10`)).json as typeof all;
  expect(some).toMatchObject({ events: 100 });
  expect(some.items).toHaveLength(10);
  expect(some.items.at(-1)).toEqual(all.items.at(-1));
  expect((await ask(server, `${path}/times?to=${received}`)).json).toMatchObject({ events: 2 });
});

test('a replay says what other settings would have made of the same events, and changes nothing', async () => {
  await simple({ lateness: 0 });
  const early = at('12:00:30', 20);
  await send(server, [at('12:00:10', 10), at('12:01:30', 30), early], path);
  const before = await windows(server, '', path);
  const replay = (body: object): Promise<unknown> =>
    ask(server, `${path}/replay`, { body }).then(({ json }) => json);
  expect(await replay({})).toMatchObject({
    events: 3,
    late: { events: 1, windows: 1, items: [{ event: early, lateBy: '1m' }] },
    windows: { minute: { items: before.items.map(({ url: _url, ...item }) => item) } },
    watermark: before.watermark,
    counters: { accepted: 3, lateEvents: 1, rejected: 0 },
  });
  const patient = (await replay({ watermark: { bound: '1m', futureLimit: null } })) as {
    windows: { minute: Page };
  };
  expect(patient).toMatchObject({ late: { events: 0, windows: 0, items: [] } });
  expect(patient.windows.minute.items.map(short)).toEqual([
    'A 12:00–12:01 open r0 n2 avg15',
    'A 12:01–12:02 open r0 n1 avg30',
  ]);
  const all = {
    windows: { all: { type: 'tumbling', size: '1h', aggregates: { top: { op: 'max', field: 'speed' } } } },
  };
  expect(await replay({ ...all, to: Date.now() + 1000 })).toMatchObject({
    windows: { all: { items: [{ values: { top: 30 } }] } },
  });
  expect(await replay({ from: Date.now() + 1000 })).toMatchObject({ events: 0, watermark: null });
  expect(await windows(server, '', path)).toEqual(before);
  const wrong = await ask(server, `${path}/replay`, { body: { lateness: -1, from: 'x', key: [] } });
  expect(wrong.json).toMatchObject({ status: 422, code: 'invalid-replay' });
  const pointers = (wrong.json as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
  expect(pointers.sort()).toEqual(['/from', '/key', '/lateness']);
});

test('every route says which methods it has, and refuses parameters that it has not', async () => {
  await simple();
  const routes = { '': 'DELETE, GET, HEAD, OPTIONS, PUT', '/events': 'OPTIONS, POST', '/clock': 'GET, HEAD, OPTIONS', '/windows/minute': 'GET, HEAD, OPTIONS' };
  for (const [route, allow] of Object.entries(routes)) {
    const reply = await ask(server, path + route, { method: 'OPTIONS' });
    expect([route, reply.status, reply.headers.allow]).toEqual([route, 204, allow]);
  }
  for (const route of ['/clock', '/late', '/alarms', '/times', '/live', '/windows/minute/live'])
    expect((await ask(server, `${path}${route}?colour=red`)).json).toMatchObject({ status: 400, errors: [{ pointer: '/colour' }] });
}); // prettier-ignore

test('what windows say stays as it was over a restart', async () => {
  const folder = temporaryFolder();
  let own = await Server.start({ ORIEL_DATA: folder });
  await putCars(own, { ...SIMPLE, windows: DEFINITION.windows });
  await send(own, [at('12:00:10'), at('12:30:10', 20, 'B'), at('12:03:10')]);
  const said = async (): Promise<unknown[]> => {
    const names = Object.keys(DEFINITION.windows);
    const all = await Promise.all(
      names.map((name) => windows(own, '?state=open,closed,final,withdrawn', CARS, name)),
    );
    return [...all, (await ask(own, `${CARS}/late`)).json, (await ask(own, `${CARS}/times`)).json];
  };
  const before = await said();
  await own.stop();
  own = await Server.start({ ORIEL_DATA: folder });
  expect(await said()).toEqual(before);
});

describe('NDJSON of any length', () => {
  const body = Array.from({ length: 10_000 }, (_, index) =>
    index === 7777 ? '{"car":' : JSON.stringify({ car: 'A', time: index * 10, speed: index }),
  ).join('\n');

  async function post(
    query: string,
    sent: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const pieces = [sent.subarray(0, 5000), sent.subarray(5000)];
    return fetch(`http://127.0.0.1:${server.port}${path}/events${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...headers },
      body: new ReadableStream({
        pull(controller) {
          const piece = pieces.shift();
          if (piece) controller.enqueue(piece);
          else controller.close();
        },
      }),
      duplex: 'half',
    });
  }

  test('is taken as it comes, also packed; a wrong line is named, and loses none of the others', async () => {
    for (const headers of [{}, { 'content-encoding': 'gzip' }] as Record<string, string>[]) {
      path = `/v1/streams/cars-${++count}`;
      await simple({ id: null });
      const plain = Buffer.from(body);
      const response = await post('', 'content-encoding' in headers ? gzipSync(plain) : plain, headers);
      expect(response.status).toBe(200);
      const answer = (await response.json()) as Ingested;
      expect(answer).toMatchObject({ accepted: 9999, duplicates: 0, watermark: '1970-01-01T00:01:39.990Z' });
      expect(answer.rejected.map(({ index }) => index)).toEqual([7777]);
      const { items } = await windows(server, '?state=closed,final', path);
      expect(items.map(({ events }) => events)).toEqual([6000]);
    }
  });

  test('is refused as a whole, or taken, where it is atomic', async () => {
    await simple({ id: null });
    const some = Buffer.from(body.split('\n').slice(7000, 8000).join('\n'));
    const refused = await post('?atomic=true', some);
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'rejected-events' }]);
    const good = Buffer.from(body.split('\n').slice(0, 2000).join('\n'));
    expect(await (await post('?atomic=true', good)).json()).toMatchObject({ accepted: 2000 });
  });

  test('is told of a stream that is not there, and of a body without a line', async () => {
    expect((await post('', Buffer.from(body))).status).toBe(404);
    await simple({ id: null });
    const empty = await post('', Buffer.from(' \n\n'));
    expect([empty.status, await empty.json()]).toMatchObject([400, { code: 'empty-body' }]);
  });

  test('leaves its first lines on record, and says that they are not all', async () => {
    await simple({ id: null });
    const response = await post('', Buffer.from(body));
    const { json } = await ask(server, `/v1/audit/requests/${response.headers.get('x-request-id')}`);
    expect(json).toMatchObject({ status: 200, truncated: ['input'] });
    expect(JSON.stringify((json as { input: unknown }).input)).toContain('speed');
  });
});
