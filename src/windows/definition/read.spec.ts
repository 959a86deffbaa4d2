import { MAX_FAULTS, type Fault } from '../../errors.js';
import type { StreamDefinition, WindowDefinition } from '../engine/definition.js';
import { readDefinition } from './read.js';
import { EXAMPLE } from './schema.js';

function read(changes: object): StreamDefinition {
  const answer = readDefinition({ eventTime: 't', windows: {}, ...changes });
  if ('faults' in answer) throw new Error(JSON.stringify(answer.faults));
  return answer.definition;
}

function faultsOf(value: unknown): Fault[] {
  const answer = readDefinition(value);
  return 'faults' in answer ? answer.faults : [];
}

/** The pointers of what is wrong, of a stream that is right but for these members. */
function wrong(changes: object): string[] {
  return faultsOf({ eventTime: 't', windows: {}, ...changes }).map(({ pointer }) => pointer);
}

function window(one: object): WindowDefinition {
  return read({ windows: { w: one } }).windows.w as WindowDefinition;
}

/** What is wrong with a window, by the pointers inside of it. */
function wrongWindow(one: unknown): string[] {
  return wrong({ windows: { w: one } }).map((pointer) => pointer.replace('/windows/w', ''));
}

function wrongAggregate(one: unknown): string[] {
  return wrongWindow({ type: 'sliding', size: 1, aggregates: { a: one } }).map((pointer) =>
    pointer.replace('/aggregates/a', ''),
  );
}

describe('readDefinition', () => {
  it('has a default for everything but the event time and the windows', () => {
    expect(read({})).toEqual({
      key: [],
      source: null,
      id: null,
      eventTime: 't',
      sentAt: null,
      watermark: { type: 'bounded', bound: 0, idleAfter: null, futureLimit: 300_000 },
      dedupeFor: 86_400_000,
      lateness: 0,
      alarm: null,
      windows: {},
      retention: { events: 604_800_000, windows: 34_560_000_000 },
    });
    expect(faultsOf({})).toEqual([
      { pointer: '/eventTime', detail: 'is missing' },
      { pointer: '/windows', detail: 'is missing' },
    ]);
  });

  it('reads the example of the documentation', () => {
    const { windows, alarm } = read(EXAMPLE);
    expect(alarm).toEqual({ lateRatio: 0.05, over: 300_000, minEvents: 100 });
    expect(windows).toEqual({
      minute: {
        type: 'tumbling',
        size: 60_000,
        offset: 0,
        aggregates: {
          n: { op: 'count', field: null, q: null },
          avg: { op: 'mean', field: 'speed', q: null },
        },
      },
      smooth: { type: 'hopping', size: 600_000, every: 60_000, offset: 0, aggregates: {} },
      close: { type: 'sliding', size: 10_000, aggregates: {} },
      trip: { type: 'session', gap: 300_000, touching: 'separate', maxSize: 86_400_000, aggregates: {} },
      today: { type: 'cumulative', size: 86_400_000, step: 3_600_000, offset: 0, aggregates: {} },
      month: {
        type: 'calendar',
        unit: 'month',
        count: 1,
        anchor: '2026-01-01',
        timeZone: 'Europe/Warsaw',
        aggregates: {},
      },
    });
    expect(Object.keys(windows)).toEqual(['minute', 'smooth', 'close', 'trip', 'today', 'month']);
  });

  it.each([null, undefined, 5, 'x', [], true])('takes only an object, not %p', (value) => {
    expect(faultsOf(value)).toEqual([
      { pointer: '', detail: value === undefined ? 'is missing' : 'must be an object' },
    ]);
  });

  it('names all that is wrong at once, each by its pointer', () => {
    expect(
      wrong({
        key: ['a', 5, ''],
        source: '/a~2',
        id: 7,
        eventTime: null,
        sentAt: '$watermark',
        watermark: { type: 'none', bound: '1x', idleAfter: 0, futureLimit: -1, more: 1 },
        dedupeFor: null,
        lateness: 1.5,
        alarm: { lateRatio: 1, minEvents: 0 },
        windows: { 'a/b': 1 },
        retention: { events: '0ms', 'no~': 1 },
        latness: 5,
      }),
    ).toEqual([
      '/key/1',
      '/key/2',
      '/source',
      '/id',
      '/eventTime',
      '/sentAt',
      '/watermark/type',
      '/watermark/bound',
      '/watermark/idleAfter',
      '/watermark/futureLimit',
      '/watermark/more',
      '/dedupeFor',
      '/lateness',
      '/alarm/lateRatio',
      '/alarm/over',
      '/alarm/minEvents',
      '/windows/a~1b',
      '/windows/a~1b',
      '/retention/events',
      '/retention/no~0',
      '/latness',
    ]);
  });

  it('names no more faults than an answer should have', () => {
    const members = Object.fromEntries(
      Array.from({ length: 2 * MAX_FAULTS }, (_, index) => [`m${index}`, 1]),
    );
    expect(faultsOf({ eventTime: 't', windows: {}, ...members })).toHaveLength(MAX_FAULTS);
  });

  it('says what an unknown member could have been', () => {
    expect(faultsOf({ eventTime: 't', windows: { w: { type: 'sliding', size: 1, gap: 1 } } })).toEqual([
      {
        pointer: '/windows/w/gap',
        detail: 'is not a member of a sliding window, which has type, aggregates, size',
      },
    ]);
  });

  it('takes no member from a prototype, neither its own nor that of what it gives', () => {
    expect(faultsOf(JSON.parse('{"eventTime":"t","windows":{},"__proto__":{"lateness":5}}'))).toMatchObject([
      { pointer: '/__proto__' },
    ]);
    expect('constructor' in read({}).windows).toBe(false);
    expect(wrong({ windows: JSON.parse('{"__proto__":{"type":"sliding","size":1}}') as object })).toEqual([
      '/windows/__proto__',
    ]);
  });
});

describe('the fields of a definition', () => {
  it('are member names, whatever is in them, or JSON pointers', () => {
    const key = ['car', 'a b', 'a/b', 'a~b', '/a/0/~0~1', '/', 'x'.repeat(256)];
    expect(read({ key }).key).toEqual(key);
    expect(wrong({ key: ['', '/~', '/~2', 'x'.repeat(257), null, '$watermark', '/$watermark/x'] })).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((index) => `/key/${index}`),
    );
  });

  it('are in the key once, however they are written', () => {
    expect(wrong({ key: ['car', 'b', '/car'] })).toEqual(['/key/2']);
  });

  it('are at most 16 in a key', () => {
    const key = Array.from({ length: 17 }, (_, index) => `f${index}`);
    expect(wrong({ key })).toEqual(['/key']);
    expect(wrong({ key: key.slice(1) })).toEqual([]);
    expect(wrong({ key: 'car' })).toEqual(['/key']);
  });
});

describe('the watermark of a definition', () => {
  it('is bounded where nothing is said, and looks 5 minutes ahead unless that is turned off', () => {
    expect(read({ watermark: { bound: '5s' } }).watermark).toEqual({
      type: 'bounded',
      bound: 5000,
      idleAfter: null,
      futureLimit: 300_000,
    });
    expect(read({ watermark: { futureLimit: null, idleAfter: null } }).watermark).toMatchObject({
      idleAfter: null,
      futureLimit: null,
    });
    expect(read({ watermark: { futureLimit: 0 } }).watermark.futureLimit).toBe(0);
  });

  it('has no bound where it is punctuated', () => {
    expect(wrong({ watermark: { type: 'punctuated', bound: '5s' } })).toEqual(['/watermark/bound']);
    expect(read({ watermark: { type: 'punctuated', bound: 0 } }).watermark.type).toBe('punctuated');
  });
});

describe('the durations of a definition', () => {
  it.each([
    [250, 250],
    ['250ms', 250],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    [0, 0],
    ['3650000d', 315_360_000_000_000],
  ])('can be %p', (lateness, ms) => expect(read({ lateness }).lateness).toBe(ms));

  it.each([-1, 0.5, '', '5x', '-5s', '1m1h', null, true, '3650001d', 1e300])('cannot be %p', (lateness) =>
    expect(wrong({ lateness })).toEqual(['/lateness']),
  );

  it('can be null in a retention, which is for ever', () => {
    expect(read({ retention: { events: null, windows: null } }).retention).toEqual({
      events: null,
      windows: null,
    });
    expect(read({ retention: { events: '1d' } }).retention).toEqual({
      events: 86_400_000,
      windows: 34_560_000_000,
    });
  });
});

describe('the windows of a definition', () => {
  it.each([
    [-30_000, 30_000],
    ['-30s', 30_000],
    ['90s', 30_000],
    [-0, 0],
    [-60_000, 0],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER % 60_000],
    [Number.MIN_SAFE_INTEGER, 60_000 - (Number.MAX_SAFE_INTEGER % 60_000)],
  ])('are moved by %p of a minute as by %p', (offset, normalised) => {
    expect(window({ type: 'tumbling', size: '1m', offset })).toMatchObject({ offset: normalised });
    expect(window({ type: 'hopping', size: '1h', every: '1m', offset })).toMatchObject({
      offset: normalised,
    });
    expect(window({ type: 'cumulative', size: '1m', step: '1s', offset })).toMatchObject({
      offset: normalised,
    });
  });

  it.each([0.5, '--1s', '-', '', null, 2 ** 53])('are not moved by %p', (offset) => {
    expect(wrongWindow({ type: 'tumbling', size: '1m', offset })).toEqual(['/offset']);
  });

  it('have a type, and what belongs to it', () => {
    expect(wrongWindow({})).toEqual(['/type']);
    expect(wrongWindow({ type: 'toString' })).toEqual(['/type']);
    expect(wrongWindow({ type: 'tumbling' })).toEqual(['/size']);
    expect(wrongWindow({ type: 'hopping' })).toEqual(['/size', '/every']);
    expect(wrongWindow({ type: 'cumulative' })).toEqual(['/size', '/step']);
    expect(wrongWindow({ type: 'sliding' })).toEqual(['/size']);
    expect(wrongWindow({ type: 'session' })).toEqual(['/gap']);
    expect(wrongWindow({ type: 'calendar' })).toEqual(['/unit']);
    expect(wrongWindow(null)).toEqual(['']);
  });

  it('are longer than nothing, but for sliding ones', () => {
    expect(wrongWindow({ type: 'tumbling', size: 0 })).toEqual(['/size']);
    expect(wrongWindow({ type: 'hopping', size: 0, every: 0 })).toEqual(['/size', '/every']);
    expect(wrongWindow({ type: 'session', gap: 0 })).toEqual(['/gap']);
    expect(window({ type: 'sliding', size: 0 })).toMatchObject({ size: 0 });
  });

  it('hop by any distance, up to 100,000 windows for an event', () => {
    expect(window({ type: 'hopping', size: '10s', every: '3s' })).toMatchObject({ every: 3000 });
    expect(window({ type: 'hopping', size: '10s', every: '1d' })).toMatchObject({ every: 86_400_000 });
    expect(wrongWindow({ type: 'hopping', size: 10_000, every: 1 })).toEqual([]);
    expect(wrongWindow({ type: 'hopping', size: 10_001, every: 1 })).toEqual(['/every']);
    expect(wrongWindow({ type: 'cumulative', size: 10_001, step: 1 })).toEqual(['/step']);
  });

  it('accumulate by a step that divides the size', () => {
    expect(wrongWindow({ type: 'cumulative', size: '1m', step: '7s' })).toEqual(['/step']);
    expect(wrongWindow({ type: 'cumulative', size: '1m', step: '2m' })).toEqual(['/step']);
    expect(wrongWindow({ type: 'cumulative', size: '1m', step: '1m' })).toEqual([]);
    expect(wrongWindow({ type: 'cumulative', size: 'x', step: '7s' })).toEqual(['/size']);
  });

  it('are sessions that can hold at least one event', () => {
    expect(window({ type: 'session', gap: 10 })).toEqual({
      type: 'session',
      gap: 10,
      touching: 'separate',
      maxSize: null,
      aggregates: {},
    });
    expect(wrongWindow({ type: 'session', gap: 10, maxSize: 10 })).toEqual([]);
    expect(wrongWindow({ type: 'session', gap: 10, maxSize: 9 })).toEqual(['/maxSize']);
    expect(wrongWindow({ type: 'session', gap: 10, touching: 'merge', maxSize: 10 })).toEqual(['/maxSize']);
    expect(wrongWindow({ type: 'session', gap: 10, touching: 'merge', maxSize: 11 })).toEqual([]);
    expect(wrongWindow({ type: 'session', gap: 10, touching: 'both' })).toEqual(['/touching']);
  });

  it('are calendar units of any zone, from the epoch or its first Monday where no date is given', () => {
    expect(window({ type: 'calendar', unit: 'day' })).toEqual({
      type: 'calendar',
      unit: 'day',
      count: 1,
      anchor: '1970-01-01',
      timeZone: 'UTC',
      aggregates: {},
    });
    expect(window({ type: 'calendar', unit: 'week' })).toMatchObject({ anchor: '1970-01-05' });
    expect(window({ type: 'calendar', unit: 'week', timeZone: 'europe/warsaw' })).toMatchObject({
      timeZone: 'Europe/Warsaw',
    });
    expect(window({ type: 'calendar', unit: 'month', timeZone: 'Asia/Kolkata' })).toMatchObject({
      timeZone: 'Asia/Kolkata',
    });
  });

  it.each(['Europe/Warsow', '', '+02:00', 'Mars', 5, null])('know no time zone %p', (timeZone) => {
    expect(wrongWindow({ type: 'calendar', unit: 'day', timeZone })).toEqual(['/timeZone']);
  });

  it.each(['2026-02-29', '2026-13-01', '2026-00-10', '2026-1-1', '2026-01-01T00:00:00Z', '', 0, null])(
    'are not counted from %p',
    (anchor) => expect(wrongWindow({ type: 'calendar', unit: 'day', anchor })).toEqual(['/anchor']),
  );

  it.each(['2024-02-29', '0000-01-01', '9999-12-31'])('can be counted from %p', (anchor) => {
    expect(window({ type: 'calendar', unit: 'day', anchor })).toMatchObject({ anchor });
  });

  it('have a count that divides a day where they are of hours', () => {
    const wrongCount = (unit: string, count: unknown): boolean =>
      wrongWindow({ type: 'calendar', unit, count }).includes('/count');
    expect([1, 2, 3, 4, 6, 8, 12, 24].filter((count) => wrongCount('hour', count))).toEqual([]);
    expect([0, 5, 7, 25, 48, -1, 1.5, '1'].filter((count) => !wrongCount('hour', count))).toEqual([]);
    expect([wrongCount('day', 5), wrongCount('day', 10_000), wrongCount('day', 10_001)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('are named as an address can be', () => {
    const named = (name: string): string[] => wrong({ windows: { [name]: { type: 'sliding', size: 1 } } });
    expect(['a', 'A-1_b.c', '0', 'x'.repeat(64), 'live'].flatMap(named)).toEqual([]);
    expect(
      ['', '.', '..', 'a b', 'a/b', 'ż', '_a', 'x'.repeat(65)].filter((name) => named(name).length !== 1),
    ).toEqual([]);
  });

  it('are at most 100', () => {
    const some = (count: number): object =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`w${index}`, { type: 'sliding', size: 1 }]),
      );
    expect(wrong({ windows: some(100) })).toEqual([]);
    expect(wrong({ windows: some(101) })).toEqual(['/windows']);
    expect(wrong({ windows: [] })).toEqual(['/windows']);
  });
});

describe('the aggregates of a definition', () => {
  it('may be none at all', () => {
    expect(window({ type: 'sliding', size: 1 }).aggregates).toEqual({});
    expect(wrongWindow({ type: 'sliding', size: 1, aggregates: null })).toEqual(['/aggregates']);
  });

  it('need a field, but for a count of all events', () => {
    const ops = ['sum', 'mean', 'min', 'max', 'variance', 'stddev', 'first', 'last', 'distinct', 'collect'];
    expect(ops.filter((op) => wrongAggregate({ op, field: '/a/b' }).length > 0)).toEqual([]);
    expect(ops.filter((op) => wrongAggregate({ op })[0] !== '/field')).toEqual([]);
    expect(wrongAggregate({ op: 'count' })).toEqual([]);
    expect(wrongAggregate({ op: 'count', field: 'a' })).toEqual([]);
    expect(wrongAggregate({ op: 'count', field: '' })).toEqual(['/field']);
  });

  it('have a q between 0 and 1 where they are a quantile, and only there', () => {
    expect(wrongAggregate({ op: 'quantile', field: 'a', q: 0.5 })).toEqual([]);
    expect(wrongAggregate({ op: 'quantile', field: 'a' })).toEqual(['/q']);
    for (const q of [0, 1, -1, 50, '0.5', null])
      expect(wrongAggregate({ op: 'quantile', field: 'a', q })).toEqual(['/q']);
    expect(wrongAggregate({ op: 'mean', field: 'a', q: 0.5 })).toEqual(['/q']);
    expect(wrongAggregate({ op: 'mean', field: 'a', q: null })).toEqual([]);
  });

  it('have an operator that is known, and no other members', () => {
    expect(wrongAggregate({ field: 'a', q: 0.5 })).toEqual(['/op']);
    expect(wrongAggregate({ op: 'avg', field: 'a' })).toEqual(['/op']);
    expect(wrongAggregate({ op: 'sum', field: 'a', as: 'b' })).toEqual(['/as']);
    expect(wrongAggregate('sum')).toEqual(['']);
  });

  it('are at most 50 in a window', () => {
    const some = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, { op: 'count' }]));
    expect(wrongWindow({ type: 'sliding', size: 1, aggregates: some(50) })).toEqual([]);
    expect(wrongWindow({ type: 'sliding', size: 1, aggregates: some(51) })).toEqual(['/aggregates']);
    expect(wrongWindow({ type: 'sliding', size: 1, aggregates: { 'a b': { op: 'count' } } })).toEqual([
      '/aggregates/a b',
    ]);
  });
});

describe('the alarm of a definition', () => {
  it('has a share and a time to look at, and needs one event where nothing is said', () => {
    expect(read({ alarm: { lateRatio: 0.1, over: '5m' } }).alarm).toEqual({
      lateRatio: 0.1,
      over: 300_000,
      minEvents: 1,
    });
    for (const lateRatio of [0, 1, -0.1, 1.1, '0.1', null])
      expect(wrong({ alarm: { lateRatio, over: '5m' } })).toEqual(['/alarm/lateRatio']);
    expect(wrong({ alarm: { lateRatio: 0.1, over: 0 } })).toEqual(['/alarm/over']);
    expect(wrong({ alarm: {} })).toEqual(['/alarm/lateRatio', '/alarm/over']);
  });
});
