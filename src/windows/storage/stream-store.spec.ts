import { SETTLE_FROM } from './dedupe.js';
import fc from 'fast-check';
import type { Json } from '../engine/messages.js';
import { BAD, CARS, StreamFolder, resultOf, traffic, type Taken } from './testing.js';
import { streamCore } from './stream-core.js';

function take(count: number, seed = 1): Json[] {
  const events = traffic(seed);
  return Array.from({ length: count }, () => events.next().value as Json);
}

describe('streams in the journal', () => {
  let folder: StreamFolder;
  beforeEach(async () => {
    folder = await StreamFolder.open();
    folder.put('cars', CARS);
  });
  afterEach(() => folder.close());

  it('tells what became of the elements of a request', () => {
    const events: Json[] = [
      { id: 'a', car: 'A', device: 'x', time: 0, speed: 1 },
      { id: 'a', car: 'B', device: 'x', time: 5, speed: 1 },
      { id: 'b', car: 'A', device: 'x', time: 'no time' },
      { id: 'c', car: 'A', device: 'x', time: 1000, speed: 3 },
      { id: 'd', car: 'A', device: 'x', time: 1, speed: 2 },
    ];
    const answer = folder.send('cars', events, { indexes: [4, 5, 6, 7, 8], rejected: 2 }) as Taken;
    expect(answer).toMatchObject({ accepted: 3, duplicates: 1, future: 0, watermark: 980 });
    expect(answer.late.events).toBe(1);
    expect(answer.rejected).toEqual([
      { index: 6, errors: [expect.objectContaining({ pointer: '/time' }) as unknown] },
    ]);
    expect(folder.store.clock({ name: 'cars', sources: 1 })).toMatchObject({
      duplicates: 1,
      rejected: 3,
      clock: { counters: { accepted: 3 } },
    });
    expect(folder.send('nobody', events)).toEqual({ refused: 'unknown' });
    expect(folder.send('cars', events, { changed: 7 })).toEqual({ refused: 'changed' });
    expect(folder.send('predictions', events)).toEqual({ refused: 'reserved' });
  });

  it('counts as accepted events only, not marks', () => {
    const event = { id: 'a', car: 'A', device: 'x', time: 0, speed: 1 };
    expect(folder.send('cars', [event, { $watermark: 'end', device: 'x' }])).toMatchObject({
      accepted: 1,
      rejected: [],
    });
    expect(folder.send('cars', [{ $watermark: 'end', device: 'y' }])).toMatchObject({ accepted: 0 });
  });

  it('logs exactly the lines that were taken, one row a request', () => {
    folder.send('cars', take(3));
    folder.send('cars', [{ id: 'x', time: 'bad' }]);
    folder.send('cars', take(3)); // all of them duplicates
    const rows = folder.database
      .prepare("SELECT seq, count, body FROM stream_log WHERE form = 'json' ORDER BY seq")
      .all() as { seq: number; count: number; body: string }[];
    expect(rows.length).toBe(1);
    expect(rows[0]?.body.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(
      take(3).filter((event, index, all) => all.findIndex((one) => idOf(one) === idOf(event)) === index),
    );
  });

  it('marks what a later revision takes the place of, and writes who is late, and by how much', () => {
    const at = (time: number, id: string): Json => ({ id, car: 'A', device: 'x', time, speed: 1 });
    folder.send('cars', [at(0, 'a'), at(150, 'b'), at(1, 'c'), at(1000, 'd'), at(2, 'e')]);
    const rows = folder.database
      .prepare(
        'SELECT revision, events, superseded FROM stream_windows WHERE window = ? AND start = 0 ORDER BY emission',
      )
      .all('short');
    expect(rows).toEqual([
      { revision: 1, events: 1, superseded: 1 },
      { revision: 2, events: 2, superseded: 0 },
    ]);
    expect(folder.database.prepare('SELECT time, late_by, "all", "key" FROM stream_late').all()).toEqual([
      { time: 1, late_by: 129, all: 0, key: '["A"]' }, // its session was final
      { time: 2, late_by: 978, all: 1, key: '["A"]' },
    ]);
    expect(folder.column('SELECT max(emission) FROM stream_late')[0]).toBe(
      (folder.column<number>('SELECT max(emission) FROM stream_windows')[0] as number) + 1,
    );
  });

  it('says the same however it is killed, rolled back, snapshotted and cut into requests', async () => {
    const plain = await StreamFolder.open();
    plain.put('cars', CARS);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(
          fc.record({
            size: fc.integer({ min: 0, max: 30 }),
            after: fc.constantFrom('go on', 'kill', 'roll back', 'snapshot', 'tick', 'half a snapshot'),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (seed, steps) => {
          const events = traffic(seed);
          let now = seed * 1_000_000;
          for (const one of [plain, folder]) {
            one.delete('cars');
            one.put('cars', CARS, { now });
          }
          for (const { size, after } of steps) {
            const chunk = Array.from({ length: size }, () => events.next().value as Json);
            for (const one of chunk) plain.send('cars', [one], { received: now });
            if (after === 'roll back') {
              const answers = folder.commit(folder.request('cars', chunk, { received: now }), BAD);
              expect((resultOf(answers[0]) as Taken).accepted).toBeGreaterThanOrEqual(0);
            } else folder.send('cars', chunk, { received: now });
            now += 300;
            if (after === 'tick') for (const one of [plain, folder]) one.tick(now);
            if (after === 'kill') folder = await folder.again();
            if (after.includes('snapshot')) snapshot(folder, after === 'snapshot');
          }
          folder = await folder.again();
          expect(told(folder)).toEqual(told(plain));
        },
      ),
      { numRuns: 25 },
    );
    await plain.close();
  });

  it('takes all of an atomic request or none, also when a bound of the engine is hit', async () => {
    const tight = { ...streamCore.limits, keys: 2 };
    const { Engine } = await import('../engine/engine.js');
    folder = await folder.again({
      ...streamCore,
      limits: tight,
      create: (definition) => new Engine(definition, tight),
      restore: (definition, parts) => Engine.restore(definition, tight, parts),
    });
    const car = (name: string): Json => ({ id: name, car: name, device: 'x', time: 1, speed: 1 });
    folder.send('cars', [car('A')]);
    const before = folder.said('cars');
    const refused = folder.send('cars', [car('B'), car('C')], { atomic: true, indexes: [3, 4] });
    expect(refused).toEqual({
      refused: 'atomic',
      rejected: [
        { index: 4, errors: [{ pointer: '', detail: expect.stringContaining('keys is 2') as unknown }] },
      ],
    });
    expect(folder.said('cars')).toEqual(before);
    const answer = folder.send('cars', [car('B'), car('C')]) as Taken;
    expect(answer).toMatchObject({ accepted: 1, rejected: [{ index: 1 }] });
    // What was refused is not remembered as if it had been taken.
    expect(folder.column('SELECT sum(length(digests)) / 16 FROM stream_fresh_ids')).toEqual([2]);
  });

  it('knows duplicates of a source over a restart, for as long as it is told to', async () => {
    folder.put('few', {
      eventTime: 'time',
      id: 'id',
      source: 's',
      dedupeFor: 1000,
      windows: (CARS as { windows: Json }).windows,
    });
    const event: Json = { id: 'a', s: 'x', time: 0 };
    const send = (received: number, one = event): unknown =>
      (folder.send('few', [one], { received }) as Taken).duplicates;
    expect(send(0)).toBe(0);
    folder = await folder.again();
    expect(send(1000)).toBe(1);
    expect(send(1000, { id: 'a', s: 'y', time: 0 })).toBe(0);
    expect(send(1000, { id: 1, s: 'x', time: 0 })).toBe(0);
    expect(send(1001)).toBe(0); // a duplicate does not make an id younger
    expect(send(2001)).toBe(1);
    folder.keep(10_000);
    for (const table of ['stream_ids', 'stream_fresh_ids']) expect(folder.count(table, 'few')).toBe(0);
  });

  it('knows duplicates also while their ids are being settled, and after', async () => {
    const all = Array.from({ length: SETTLE_FROM + 500 }, (_, id): Json => ({ id, time: id }));
    const many = { eventTime: 'time', id: 'id', windows: {} };
    folder.put('many', many);
    const send = (from: number, to: number): unknown => folder.send('many', all.slice(from, to));
    for (let from = 0; from < all.length; from += 1000)
      expect(send(from, from + 1000)).toMatchObject({ duplicates: 0 });
    for (let step = 0; folder.count('stream_fresh_ids', 'many') > 0; step++) {
      folder.store.keep(folder.writer, 0);
      expect(send(step * 7, step * 7 + 1)).toMatchObject({ accepted: 0, duplicates: 1 });
      if (step === 2) folder = await folder.again();
    }
    expect(folder.count('stream_ids', 'many')).toBe(all.length);
    expect(send(0, 2000)).toMatchObject({ accepted: 0, duplicates: 2000 });
    expect(send(all.length - 500, all.length)).toMatchObject({ accepted: 0, duplicates: 500 });
  });

  it('begins anew, goes on with other windows, or refuses what would alter results', () => {
    folder.send('cars', take(50));
    const cars = CARS as { windows: Record<string, Json> };
    expect(folder.put('cars', CARS)).toEqual({ put: 'unchanged' });
    expect(folder.put('cars', { ...cars, lateness: 7 })).toEqual({ conflict: ['/lateness'] });
    const { short, ...others } = cars.windows;
    expect(folder.put('cars', { ...cars, windows: others })).toEqual({ put: 'replaced' });
    expect(folder.put('cars', { ...cars, windows: { ...others, short: short ?? null } })).toEqual({
      put: 'replaced',
    });
    expect(folder.column("SELECT count(*) FROM stream_windows WHERE window = 'short'")).toEqual([0]);
    const before = folder.column<number>("SELECT next_emission FROM streams WHERE name = 'cars'")[0];
    expect(folder.put('cars', { ...cars, lateness: 7 }, { restart: true })).toEqual({ put: 'restarted' });
    expect(folder.column("SELECT next_emission FROM streams WHERE name = 'cars'")).toEqual([before]);
    expect(folder.count('stream_windows', 'cars')).toBe(0);
    expect(folder.put('cars', { ...cars, lateness: 8 })).toEqual({ put: 'replaced' }); // it is empty
    expect(folder.delete('cars')).toEqual({ deleted: true });
    expect(folder.delete('cars')).toEqual({ deleted: false });
    folder.keep(1e12);
    for (const table of ['stream_log', 'stream_ids', 'stream_windows', 'stream_late'])
      expect(
        folder.column(`SELECT count(*) FROM ${table} WHERE stream_id <> (SELECT id FROM streams)`),
      ).toEqual([0]);
  });

  it('says that a stream whose log was damaged cannot be restored, and takes the others on', async () => {
    folder.put('other', CARS);
    folder.send('cars', take(20));
    folder.database.exec("DELETE FROM stream_log WHERE form = 'json'");
    folder = await folder.again();
    expect(folder.commit(folder.request('cars', take(1)))[0]).toEqual({
      refused: expect.stringContaining('cannot be restored') as unknown,
    });
    expect(folder.send('other', take(1))).toMatchObject({ accepted: 1 });
    expect(folder.store.keep(folder.writer, 0).broken).toEqual([
      { name: 'cars', reason: expect.stringContaining('its log ends at') as unknown },
    ]);
    expect(folder.put('cars', CARS, { restart: true })).toEqual({ put: 'restarted' });
    expect(folder.send('cars', take(1))).toMatchObject({ accepted: 1 });
  });
});

function idOf(event: Json): unknown {
  return (event as { id: string }).id;
}

/** A snapshot although it would not be due: as long as the log is. */
function snapshot({ database, store, writer }: StreamFolder, whole: boolean): void {
  const { registry, housekeeping } = store as unknown as {
    registry: { find(name: string): { id: number } };
    housekeeping: {
      snapshots: {
        draft(stream: object): object;
        writePart(draft: object): string;
        settled(draft: object): void;
      };
    };
  };
  const { snapshots } = housekeeping;
  const draft = snapshots.draft(registry.find('cars'));
  if (!whole) return void writer.within(() => snapshots.writePart(draft));
  let state = 'more';
  while (state === 'more') state = writer.within(() => snapshots.writePart(draft));
  snapshots.settled(draft);
  database.exec(
    'DELETE FROM stream_log WHERE seq < (SELECT max(seq) FROM stream_snapshots s WHERE s.stream_id = stream_log.stream_id AND part = last - 1)',
  );
}

/** What is the same whatever the streams' ids are. */
function told(folder: StreamFolder): unknown {
  return JSON.parse(
    JSON.stringify(folder.said('cars'), (name, value: unknown) =>
      ['stream_id', 'id', 'next_seq', 'seq', 'created', 'changed'].includes(name) ? undefined : value,
    ),
  );
}
