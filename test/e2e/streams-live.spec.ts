import { ask } from '../client.js';
import { at, CARS, DEFINITION, putCars, send } from '../cars.js';
import { EventReader } from '../events.js';
import { eventually, Server, temporaryFolder } from '../server.js';

const { minute, trip } = DEFINITION.windows;
const SIMPLE = { source: null, watermark: { bound: 0, futureLimit: null }, windows: { minute, trip } };

let server: Server;
const isUp = (): boolean => (server as Server | undefined)?.running === true;
const folder = temporaryFolder();
const environment = { ORIEL_DATA: folder, ORIEL_LIVE_READERS: '3', ORIEL_REQUEST_TIMEOUT: '2s' };
beforeEach(async () => {
  if (!isUp()) server = await Server.start(environment);
  await ask(server, CARS, { method: 'DELETE' });
  await putCars(server, SIMPLE);
});

const revisions = (events: readonly Record<string, unknown>[]): string[] =>
  events.map(
    ({ window, start, state, revision }) =>
      `${String(window)} ${String(start).slice(11, 16)} ${String(state)} r${String(revision)}`,
  );

test('a reader is told results, corrections, withdrawals, late events and the clock, each with its id', async () => {
  await send(server, at('11:50:00'));
  const reader = await EventReader.open(server, `${CARS}/live`, { 'accept-encoding': 'gzip, br' });
  expect(reader.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
  });
  expect(reader.headers['content-encoding']).toBeUndefined();
  await send(server, [at('12:00:10'), at('12:08:00'), at('12:20:10')]);
  await send(server, at('12:19:55')); // in time for its minute: that is closed, and not final
  const found = await reader.until('window', 7);
  expect(revisions(found)).toEqual([
    'minute 11:50 final r1', 'trip 11:50 final r1', 'minute 12:00 final r1', 'trip 12:00 final r1', 'minute 12:08 final r1', 'trip 12:08 final r1', 'minute 12:19 closed r1',
  ]); // prettier-ignore
  await send(server, at('12:00:20'));
  const [late] = await reader.until('late', 1);
  expect(late).toMatchObject({ lateBy: '19m50s', missed: [{ window: 'minute' }, { window: 'trip' }] });
  expect(reader.of('clock').at(-1)).toEqual({ stream: 'cars', watermark: '2026-01-31T12:20:10.000Z' });
  const ids = reader.events.flatMap(({ id }) => (id === null ? [] : [Number(id)]));
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
  reader.close();
}); // prettier-ignore

test('a reader of one definition is told of its windows only', async () => {
  const reader = await EventReader.open(server, `${CARS}/windows/trip/live`);
  await send(server, [at('12:00:10'), at('12:08:00'), at('12:20:10')]);
  expect((await reader.until('window', 2)).map(({ window }) => window)).toEqual(['trip', 'trip']);
  reader.close();
});

test('a reader that comes back to a stream that was made anew is told all that it says', async () => {
  const first = await EventReader.open(server, `${CARS}/live`);
  await send(server, [at('12:00:10'), at('12:10:00')]);
  await first.until('window', 2);
  const { lastId } = first;
  first.close();
  expect((await ask(server, CARS, { method: 'DELETE' })).status).toBe(204);
  await putCars(server, SIMPLE);
  await send(server, [at('12:20:00'), at('12:30:00'), at('12:40:00')]);
  const again = await EventReader.open(server, `${CARS}/live`, { 'last-event-id': lastId });
  expect(revisions(await again.until('window', 4))).toEqual([
    'minute 12:20 final r1',
    'trip 12:20 final r1',
    'minute 12:30 final r1',
    'trip 12:30 final r1',
  ]);
  again.close();
});

test('a reader that comes back goes on where it was, also over a crash of the server', async () => {
  const first = await EventReader.open(server, `${CARS}/live`);
  await send(server, [at('12:00:10'), at('12:10:00')]);
  await first.until('window', 2);
  const { lastId } = first;
  first.close();
  await send(server, [at('12:20:00')]);
  await server.kill();
  server = await Server.start(environment);
  await send(server, [at('12:30:00')]);
  const again = await EventReader.open(server, `${CARS}/live`, { 'last-event-id': lastId });
  const missed = revisions(await again.until('window', 4));
  expect(missed.map((one) => one.slice(0, -9))).toEqual([
    'minute 12:10',
    'trip 12:10',
    'minute 12:20',
    'trip 12:20',
  ]);
  const byQuery = await EventReader.open(server, `${CARS}/live?lastEventId=${lastId}`);
  expect(revisions(await byQuery.until('window', 4))).toEqual(missed);
  const fromNow = await EventReader.open(server, `${CARS}/live`);
  await fromNow.until('clock', 1);
  expect(fromNow.of('window')).toEqual([]);
  for (const reader of [again, byQuery, fromNow]) reader.close();
});

test('a place that is wrong, and one reader too many, are refused; a place that is free again is taken', async () => {
  const wrong = await ask(server, `${CARS}/live`, { headers: { 'last-event-id': 'x' } });
  expect(wrong.json).toMatchObject({ status: 400, code: 'invalid-parameter' });
  expect((await ask(server, '/v1/streams/none/live')).json).toMatchObject({
    status: 404,
    code: 'unknown-stream',
  });
  expect((await ask(server, `${CARS}/windows/none/live`)).json).toMatchObject({
    status: 404,
    code: 'unknown-window',
  });
  const wants = { headers: { accept: 'application/json' } };
  expect((await ask(server, `${CARS}/live`, wants)).json).toMatchObject({ status: 406 });
  expect((await ask(server, `${CARS}/live`, { method: 'HEAD' })).headers['content-type']).toContain(
    'event-stream',
  );
  const readers = await Promise.all([1, 2, 3].map(() => EventReader.open(server, `${CARS}/live`)));
  const refused = await ask(server, `${CARS}/live`);
  expect(refused.json).toMatchObject({ status: 503, code: 'live-full' });
  expect(refused.headers['retry-after']).toBe('5');
  readers.pop()!.close();
  readers.push(
    await eventually('a place is free', () =>
      EventReader.open(server, `${CARS}/live`).catch(() => undefined),
    ),
  );
  for (const reader of readers) reader.close();
});

test('a reader that takes nothing is cut off, and keeps nobody else waiting', async () => {
  const slow = await EventReader.open(server, `${CARS}/live`);
  const quick = await EventReader.open(server, `${CARS}/live`);
  slow.stall();
  // Far more than the sockets of both sides hold.
  const late = Array.from({ length: 3000 }, () => ({ ...at('10:00:00'), note: 'x'.repeat(4000) }));
  await send(server, [at('12:00:00'), { $watermark: 'end' }]);
  await send(server, late);
  await quick.until('late', late.length);
  const third = await EventReader.open(server, `${CARS}/live`);
  const fourth = await eventually('the slow one is cut off', () =>
    EventReader.open(server, `${CARS}/live`).catch(() => undefined),
  );
  for (const reader of [third, fourth]) reader.close();
  quick.close();
}, 60_000);

test('readers are ended when the stream is removed, and when the server leaves', async () => {
  const removed = await EventReader.open(server, `${CARS}/live`);
  await removed.until('clock', 1);
  expect((await ask(server, CARS, { method: 'DELETE' })).status).toBe(204);
  await eventually('the reader is ended', () => (removed.ended ? true : undefined));
  await putCars(server, SIMPLE);
  const reader = await EventReader.open(server, `${CARS}/live`);
  const stalled = await EventReader.open(server, `${CARS}/live`);
  stalled.stall();
  await server.stop();
  await eventually('the reader is ended', () => (reader.ended ? true : undefined));
});

test('predictions are told live too, each minute as it ends', async () => {
  const reader = await EventReader.open(server, '/v1/streams/predictions/live');
  await reader.until('clock', 1);
  const old = { 'event-time': '2026-01-31T12:00:00Z' };
  const house = { RAD: 1, PTRATIO: 15.3, INDUS: 2.31, B: 396.9, ZN: 18, DIS: 4.09, CRIM: 0.00632, RM: 6.575, AGE: 65.2, CHAS: 0, NOX: 0.538, TAX: 296, LSTAT: 4.98 };
  const path = '/v1/models/boston-housing/predict';
  expect((await ask(server, path, { body: house })).status).toBe(200);
  await reader.until('clock', 2);
  expect((await ask(server, path, { body: house, headers: old })).status).toBe(200);
  const [late] = await reader.until('late', 1);
  expect(late).toMatchObject({ key: { model: 'boston-housing', version: '1' }, time: '2026-01-31T12:00:00.000Z' });
  reader.close();
}); // prettier-ignore
