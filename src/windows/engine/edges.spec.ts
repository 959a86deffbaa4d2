/** Corners in which the engine once said something else than the contract. */
import { Driver } from '../../../test/reference/driver.js';
import type { StreamDefinition, WatermarkDefinition, WindowDefinition } from './definition.js';

const BOUNDED: WatermarkDefinition = { type: 'bounded', bound: 0, idleAfter: null, futureLimit: null };

function driver(
  window: WindowDefinition,
  { lateness = 0, ...watermark }: Partial<WatermarkDefinition & { lateness: number }> = {},
): Driver {
  const definition: StreamDefinition = {
    ...{
      key: ['k'],
      source: 's',
      id: null,
      eventTime: 't',
      sentAt: null,
      dedupeFor: 0,
      lateness,
      alarm: null,
    },
    watermark: { ...BOUNDED, ...watermark },
    ...{ windows: { w: window }, retention: { events: null, windows: null } },
  };
  return new Driver(definition);
}

const event = (time: number, key = 'a', source = 's', values: string[] = []) => ({
  event: {
    time,
    received: 0,
    source,
    key: JSON.stringify([key]),
    values: values.map((one) => JSON.parse(one) as string),
  },
});

const END = { mark: { source: undefined, time: Infinity, received: 0 } };

const spans = (results: readonly { start: number; end: number; revision: number; events: number }[]) =>
  results.map(({ start, end, revision, events }) => [start, end, revision, events]);

describe('the engine at its edges', () => {
  it('ends a stream whose sources are all idle, and knows no source that nobody named', () => {
    const sleepy = driver({ type: 'tumbling', size: 10, offset: 0, aggregates: {} }, { idleAfter: 5 });
    sleepy.move(event(3));
    sleepy.move({ tick: 5 });
    expect(spans(sleepy.move(END).results)).toEqual([[0, 10, 1, 1]]);
    expect(sleepy.engine.watermark).toBe(Infinity);
    const fresh = driver({ type: 'tumbling', size: 10, offset: 0, aggregates: {} });
    fresh.move(END);
    expect(fresh.engine.clock(9).sources).toEqual([]);
    expect(fresh.move(event(3)).applied?.late).toBe(true);
  });

  it('begins no session that is final at once, beside one that is not and has no room', () => {
    const short = driver({ type: 'session', gap: 5, touching: 'separate', maxSize: 6, aggregates: {} });
    for (const time of [10, 8]) short.move(event(time));
    const { applied, results } = short.move(event(5));
    expect([applied?.late, results]).toEqual([true, []]);
    expect(spans(short.move(END).results)).toEqual([
      [8, 13, 1, 1],
      [10, 15, 1, 1],
    ]);
  });

  it('lets a session go that was closed already when its event came', () => {
    const late = driver(
      { type: 'session', gap: 5, touching: 'separate', maxSize: null, aggregates: {} },
      { lateness: 9 },
    );
    late.move(event(20, 'b'));
    expect(spans(late.move(event(12)).results)).toEqual([[12, 17, 1, 1]]);
    late.move(END);
    expect([...late.engine.snapshot()]).toHaveLength(1); // no key is left
  });

  it('wakes a key once that was put twice at one time', () => {
    const twice = driver({ type: 'session', gap: 1, touching: 'separate', maxSize: null, aggregates: {} });
    for (const one of [event(0, 'b'), event(1, 'a', 't'), event(0, 'a')]) twice.move(one);
    expect(spans(twice.move(END).results)).toEqual([
      [0, 1, 1, 1],
      [0, 1, 1, 1],
      [1, 2, 1, 1],
    ]);
  });

  it('counts objects as one value whatever the order of their members', () => {
    const distinct = { n: { op: 'distinct', field: 'y', q: null } } as const;
    const several = driver({ type: 'tumbling', size: 10, offset: 0, aggregates: distinct });
    for (const text of [
      '{"p":1,"q":{"r":2,"s":[3]}}',
      '{"q":{"s":[3],"r":2},"p":1}',
      '{"p":1,"q":{"r":2,"s":[4]}}',
    ])
      several.move(event(1, 'a', 's', [text]));
    expect(several.move(END).results[0]?.values).toEqual({ n: 2 });
  });

  const SLIDING = (size: number): WindowDefinition => ({ type: 'sliding', size, aggregates: {} });

  it('tells at once a sliding window that a late event makes of earlier ones', () => {
    const late = driver(SLIDING(1), { lateness: 2 });
    for (const one of [event(0), event(-3, 'b')]) late.move(one);
    expect(spans(late.move(event(-4, 'b')).results)).toEqual([[-3, -1, 1, 1]]);
  });

  it('does not tell a sliding window that was empty until it was final', () => {
    const empty = driver(SLIDING(20), { lateness: 10 });
    for (const one of [event(-10), event(20), event(40)]) empty.move(one);
    const { applied } = empty.move(event(10));
    expect(applied?.counted).toEqual([]);
    expect(spans(empty.move(END).results)).not.toContainEqual([-9, 12, 1, 1]);
  });

  it('makes the sliding window after an event that comes too late for all before it', () => {
    const narrow = driver(SLIDING(6), { type: 'punctuated' });
    narrow.move({ mark: { source: 's', time: -2, received: 0 } });
    expect(narrow.move(event(-9)).applied?.missed).toEqual([{ window: 'w', start: -15, end: -8 }]);
    expect(narrow.move(event(-3)).applied).toMatchObject({
      ...{ late: false, missed: [{ window: 'w', start: -9, end: -2 }] },
      counted: [{ window: 'w', start: -8, end: -1 }],
    });
  });

  it('goes on where a window is gone that held what the others leave out', () => {
    const gaps: WindowDefinition = { type: 'hopping', size: 2, every: 4, offset: 0, aggregates: {} };
    const whole: WindowDefinition = { type: 'hopping', size: 12, every: 2, offset: 0, aggregates: {} };
    const { definition } = driver(gaps, { lateness: 10 });
    const shared = new Driver({ ...definition, windows: { w: gaps, other: whole } });
    for (const one of [event(0), event(2)]) shared.move(one);
    shared.move({ redefine: definition });
    expect(shared.move(event(8, 'b')).results).toEqual([]); // this went on for ever
    expect(spans(shared.move(event(1)).results)).toEqual([[0, 2, 2, 2]]);
    expect(spans(shared.move(END).results)).toEqual([[8, 10, 1, 1]]);
  });
});
