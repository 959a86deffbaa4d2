import type { Json } from '../engine/messages.js';
import { CARS, StreamFolder, traffic, type Taken } from './testing.js';

const SECOND = 1000;
const KEPT = { ...(CARS as object), retention: { events: '10s', windows: '30s' } } as Json;

describe('the retention of streams', () => {
  let folder: StreamFolder;
  beforeEach(async () => {
    folder = await StreamFolder.open();
    folder.put('cars', KEPT);
  });
  afterEach(() => folder.close());

  /** Sends events whose time is about when they are received; one request a second. */
  function drive(from: number, to: number): void {
    const events = traffic(from);
    for (let second = from; second < to; second++) {
      const chunk = Array.from({ length: 100 }, () => {
        const event = events.next().value as { time: number; id: string };
        return { ...event, id: `${from}-${event.id}`, time: event.time + from * SECOND };
      });
      folder.send('cars', chunk, { received: second * SECOND });
    }
  }

  it('lets events go once they are too old and a snapshot stands for them, and the late ones with them', async () => {
    drive(0, 20);
    const late = folder.count('stream_late', 'cars');
    folder.keep(9 * SECOND);
    expect(folder.count('stream_snapshots', 'cars')).toBe(0);
    expect(folder.count('stream_log', 'cars')).toBe(21);
    const before = folder.said('cars') as { late: unknown[] };
    folder.keep(25 * SECOND);
    // Received at 15 s and later.
    expect(
      folder.column(
        "SELECT received FROM stream_log WHERE form = 'json' AND stream_id = (SELECT id FROM streams WHERE name = 'cars') ORDER BY seq",
      ),
    ).toEqual([15, 16, 17, 18, 19].map((second) => second * SECOND));
    expect(folder.count('stream_late', 'cars')).toBeGreaterThan(0);
    expect(folder.count('stream_late', 'cars')).toBeLessThan(late);
    folder = await folder.again();
    expect({ ...(folder.said('cars') as object), late: 0 }).toEqual({ ...before, late: 0 });
    drive(30, 32);
    expect(folder.store.clock({ name: 'cars', sources: 0 })?.clock.counters.accepted).toBeGreaterThan(1700);
  });

  it('never removes what a restore needs, whenever a step is cut off', async () => {
    const plain = await StreamFolder.open();
    plain.put('cars', KEPT);
    let now = 0;
    for (let round = 0; round < 40; round++) {
      const events = traffic(round);
      const chunk = Array.from({ length: 50 }, () => {
        const event = events.next().value as { time: number; id: string };
        return { ...event, id: `${round}-${event.id}`, time: event.time + round * 500 };
      });
      for (const one of [folder, plain]) one.send('cars', chunk, { received: now });
      now += 4 * SECOND;
      for (let steps = round % 7; steps > 0; steps--) folder.store.keep(folder.writer, now);
      if (round % 5 === 3) folder = await folder.again();
      const clocks = [folder, plain].map((one) => one.store.clock({ name: 'cars', sources: 100 }));
      expect(clocks[0]).toEqual(clocks[1]);
    }
    expect(folder.count('stream_log', 'cars')).toBeLessThan(plain.count('stream_log', 'cars'));
    expect(folder.column("SELECT next_emission FROM streams WHERE name = 'cars'")).toEqual(
      plain.column("SELECT next_emission FROM streams WHERE name = 'cars'"),
    );
    await plain.close();
  });

  it('lets windows go by their end, when they are final and not before', () => {
    drive(0, 10);
    const ends = (): number[] =>
      folder.column<number>('SELECT DISTINCT "end" FROM stream_windows ORDER BY "end"');
    const newest = Math.max(...ends());
    folder.keep(35 * SECOND);
    // One that ended just before 5 s was said at 5 s.
    expect(Math.min(...ends())).toBeGreaterThanOrEqual(4.9 * SECOND);
    expect(Math.max(...ends())).toBe(newest);
    folder.keep(1e9);
    const watermark = folder.store.clock({ name: 'cars', sources: 0 })?.clock.watermark as number;
    expect(ends().length).toBeGreaterThan(0);
    for (const end of ends()) expect(end + 100).toBeGreaterThan(watermark);
    folder.send('cars', [{ $watermark: 'end' }], { received: 10 * SECOND });
    folder.keep(2e9);
    expect(ends()).toEqual([]);
  });

  it('keeps the windows of events that are old when they come as long as others', () => {
    const received = 1e12;
    folder.send('cars', [{ id: 'a', time: 0 }, { $watermark: 'end' }], { received });
    const ends = (): number[] => folder.column<number>('SELECT DISTINCT "end" FROM stream_windows');
    expect(ends().length).toBeGreaterThan(0);
    const before = ends();
    folder.keep(received + 29 * SECOND);
    expect(ends()).toEqual(before);
    folder.keep(received + 45 * SECOND);
    expect(ends()).toEqual([]);
  });

  it('writes a snapshot when the log has grown long, in more than one step, and keeps one', async () => {
    folder.put('many', {
      eventTime: 'time',
      key: ['k'],
      watermark: { futureLimit: null },
      windows: { w: { type: 'tumbling', size: '1h', aggregates: { n: { op: 'count' } } } },
    });
    for (let round = 0; round < 11; round++) {
      const events = Array.from({ length: 5000 }, (_, index) => ({
        time: index,
        k: `a long name of a key, so that it takes space: ${round} ${index}`,
      }));
      expect((folder.send('many', events) as Taken).accepted).toBe(5000);
    }
    folder.keep(0);
    const [parts] = folder.column<number>('SELECT max(last) FROM stream_snapshots');
    expect(parts).toBeGreaterThan(3);
    expect(folder.count('stream_snapshots', 'many')).toBe(parts);
    const before = folder.said('many');
    folder = await folder.again();
    expect(folder.said('many')).toEqual(before);
    folder.send('many', [{ time: 1, k: 'another' }]);
    folder.store.close(folder.writer); // one event is not worth a snapshot
    expect(folder.column('SELECT count(DISTINCT seq) FROM stream_snapshots')).toEqual([1]);
  });

  it('wakes sources that are silent by ticks in the log, which a restore hears', async () => {
    folder.send('cars', [
      { id: 'a', car: 'A', device: 'x', time: 0, speed: 1 },
      { id: 'b', car: 'A', device: 'y', time: 1000, speed: 1 },
    ]);
    folder.send('cars', [{ id: 'c', car: 'A', device: 'y', time: 2000, speed: 1 }], { received: 400 });
    expect(folder.store.wake()).toBe(500);
    folder.tick(499);
    expect(folder.column("SELECT count(*) FROM stream_log WHERE form = 'tick'")).toEqual([0]);
    folder.tick(500);
    folder.tick(501);
    expect(folder.column("SELECT body FROM stream_log WHERE form = 'tick'")).toEqual(['500']);
    const before = folder.said('cars') as { clock: { clock: { watermark: number } }; windows: unknown[] };
    expect(before.clock.clock.watermark).toBe(1980);
    expect(before.windows.length).toBeGreaterThan(0);
    folder = await folder.again();
    expect(folder.said('cars')).toEqual(before);
  });
});
