import { MAX_FAULTS, type Fault } from '../../errors.js';
import { readDefinition } from '../definition/read.js';
import { EXAMPLE } from '../definition/schema.js';
import { eventReader, type EventForm, type ReadEvent } from './reader.js';

const NOON = Date.UTC(2026, 0, 31, 12);
const RECEIVED = NOON + 1000;

type Read = (value: unknown, form?: EventForm) => ReturnType<ReturnType<typeof eventReader>['read']>;

/** A reader of a stream whose events have nothing but a time, but for these members. */
function readerOf(changes: object = {}): Read {
  const answer = readDefinition({ eventTime: 'time', windows: {}, ...changes });
  if ('faults' in answer) throw new Error(JSON.stringify(answer.faults));
  const reader = eventReader(answer.definition);
  return (value, form = 'json') => reader.read(value, form, RECEIVED);
}

/** A reader of a stream that aggregates the fields `a`, `b`, … by these operators. */
function aggregating(...ops: string[]): Read {
  const aggregates = Object.fromEntries(
    ops.map((op, index) => [
      `x${index}`,
      { op, field: 'abcdef'[index], ...(op === 'quantile' && { q: 0.5 }) },
    ]),
  );
  return readerOf({ windows: { w: { type: 'sliding', size: 1, aggregates } } });
}

function event(answer: ReturnType<Read>): ReadEvent {
  if (!('event' in answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

function faultsOf(answer: ReturnType<Read>): Fault[] {
  return 'faults' in answer ? answer.faults : [];
}

function pointers(answer: ReturnType<Read>): string[] {
  return faultsOf(answer).map(({ pointer }) => pointer);
}

describe('an event', () => {
  it('is read into what the engine takes', () => {
    const read = readerOf(EXAMPLE);
    expect(
      read({ time: '2026-01-31T12:00:00Z', car: 'A', device: 'd', id: 'x', speed: 50.5, more: {} }),
    ).toEqual({
      event: { time: NOON, received: RECEIVED, source: 'd', key: '["A"]', values: [50.5] },
      id: '"x"',
      sentAt: null,
    });
  });

  it.each([null, 5, 'x', [], [{ time: 1 }]])('is an object, not %p', (value) => {
    expect(faultsOf(readerOf()(value))).toEqual([{ pointer: '', detail: 'must be an object' }]);
  });

  it('has a time, in one of the forms that times have', () => {
    const read = readerOf({ eventTime: '/meta/at' });
    const at = (value: unknown): unknown => read({ meta: { at: value } });
    expect(event(read({ meta: { at: '2026-01-31T13:00:00+01:00' } })).event.time).toBe(NOON);
    expect(event(read({ meta: { at: NOON } })).event.time).toBe(NOON);
    expect(event(read({ meta: { at: -1 } })).event.time).toBe(-1);
    const detail = 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';
    for (const wrong of ['yesterday', 1.5, true, {}, Infinity, '2026-01-31T12:00:00'])
      expect(at(wrong)).toEqual({ faults: [{ pointer: '/meta/at', detail }] });
    for (const missing of [null, undefined])
      expect(at(missing)).toEqual({ faults: [{ pointer: '/meta/at', detail: 'is missing' }] });
    expect(read({ meta: null })).toEqual({ faults: [{ pointer: '/meta/at', detail: 'is missing' }] });
  });

  it('has all that is wrong with it named at once', () => {
    const read = readerOf({ ...EXAMPLE, sentAt: 'sent' });
    expect(pointers(read({ time: 'x', car: {}, device: [], speed: '5', sent: 'y' }))).toEqual([
      '/time',
      '/device',
      '/id',
      '/car',
      '/speed',
      '/sent',
    ]);
    expect(pointers(read({ time: 1, id: 1 }))).toEqual([]); // what was wrong with the last is forgotten
  });

  it('has no more faults named than an answer should have', () => {
    const windows = Object.fromEntries(
      Array.from({ length: 3 }, (_, w) => [
        `w${w}`,
        {
          type: 'sliding',
          size: 1,
          aggregates: Object.fromEntries(
            Array.from({ length: 50 }, (_each, a) => [`a${a}`, { op: 'sum', field: `f${w}-${a}` }]),
          ),
        },
      ]),
    );
    const wrong = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`f${Math.floor(index / 50)}-${index % 50}`, 'x']),
    );
    expect(faultsOf(readerOf({ windows })(wrong))).toHaveLength(MAX_FAULTS);
  });

  it('may say when it was sent', () => {
    const read = readerOf({ sentAt: 'sent' });
    expect(event(read({ time: 1, sent: '2026-01-31T12:00:00Z' })).sentAt).toBe(NOON);
    expect(event(read({ time: 1, sent: null })).sentAt).toBeNull();
    expect(event(read({ time: 1 })).sentAt).toBeNull();
    expect(pointers(read({ time: 1, sent: 'x' }))).toEqual(['/sent']);
  });
});

describe('the key of an event', () => {
  const keyOf = (key: string[], value: object): string =>
    event(readerOf({ key })({ time: 1, ...value })).event.key;

  it('is the JSON of its values in the order of the definition', () => {
    expect(keyOf([], { a: 1 })).toBe('[]');
    expect(keyOf(['b', 'a'], { a: 'x"\n', b: 1.5 })).toBe('[1.5,"x\\"\\n"]');
    expect(keyOf(['/a/1'], { a: [1, true] })).toBe('[true]');
  });

  it('keeps values of different types apart, and the same value together', () => {
    const keys = [1, '1', true, 'true', null, 'null', ''].map((a) => keyOf(['a'], { a }));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf(['a'], JSON.parse('{"a":-0.0}') as object)).toBe('[0]');
    expect(keyOf(['a'], JSON.parse('{"a":1e2}') as object)).toBe('[100]');
  });

  it('is null where a field is missing or null', () => {
    expect(keyOf(['a', 'b', '/c/d'], { b: null })).toBe('[null,null,null]');
    expect(keyOf(['/a/01', '/a/-', '/a/length'], { a: [1, 2] })).toBe('[null,null,null]');
  });

  it('is not what every object has', () => {
    expect(keyOf(['constructor', '__proto__', '/toString/name', '/a/length'], { a: [] })).toBe(
      '[null,null,null,null]',
    );
    expect(
      keyOf(['constructor', '__proto__'], JSON.parse('{"constructor":"c","__proto__":"p"}') as object),
    ).toBe('["c","p"]');
  });

  it('is of scalars that are exact and not endless', () => {
    const read = readerOf({ key: ['a'] });
    const detail = (a: unknown): string | undefined => faultsOf(read({ time: 1, a }))[0]?.detail;
    expect(detail({})).toBe('must be a text, a number, a boolean or null, not an object');
    expect(detail([])).toBe('must be a text, a number, a boolean or null, not an array');
    expect(detail(JSON.parse('1e999'))).toBe('is a number beyond the range of a 64-bit float');
    expect(detail(2 ** 53)).toBe('must be sent as a text, since as a number it is not exact beyond 2^53');
    expect(detail(2 ** 53 - 1)).toBeUndefined();
    expect(detail('x'.repeat(1024))).toBeUndefined();
    expect(detail('x'.repeat(1025))).toBe('must have at most 1024 characters');
  });
});

describe('the id of an event', () => {
  const read = readerOf({ id: 'id' });
  const idOf = (id: unknown): string | null => event(read({ time: 1, id })).id;

  it('is a text or a number, which are not the same', () => {
    expect([idOf(1), idOf('1'), idOf('a"')]).toEqual(['1', '"1"', '"a\\""']);
  });

  it('must be there where the stream has ids', () => {
    for (const missing of [null, undefined])
      expect(read({ time: 1, id: missing })).toEqual({ faults: [{ pointer: '/id', detail: 'is missing' }] });
    expect(event(readerOf()({ time: 1, id: 'x' })).id).toBeNull();
  });

  it('is nothing else', () => {
    expect(faultsOf(read({ time: 1, id: true }))).toEqual([
      { pointer: '/id', detail: 'must be a text or a number, not a boolean' },
    ]);
    for (const wrong of [{}, [], Infinity, 2 ** 60, 'x'.repeat(1025)])
      expect(pointers(read({ time: 1, id: wrong }))).toEqual(['/id']);
  });
});

describe('the source of an event', () => {
  const read = readerOf({ source: 'device' });
  const sourceOf = (device: unknown): string | null => event(read({ time: 1, device })).event.source;

  it('is a text, a number or a boolean, and null where there is none', () => {
    expect([sourceOf('d'), sourceOf(7), sourceOf(true), sourceOf(null), sourceOf(undefined)]).toEqual([
      'd',
      '7',
      'true',
      null,
      null,
    ]);
    expect(event(readerOf()({ time: 1, source: 'x' })).event.source).toBeNull();
    for (const wrong of [{}, [], Infinity])
      expect(pointers(read({ time: 1, device: wrong }))).toEqual(['/device']);
  });
});

describe('the values of an event', () => {
  it('come in the order in which the definition first names their fields, each once', () => {
    const read = readerOf({
      windows: {
        one: {
          type: 'sliding',
          size: 1,
          aggregates: { x: { op: 'sum', field: '/b/0' }, y: { op: 'count', field: 'a' }, n: { op: 'count' } },
        },
        two: {
          type: 'sliding',
          size: 1,
          aggregates: { x: { op: 'last', field: 'c' }, y: { op: 'max', field: 'a' } },
        },
      },
    });
    expect(event(read({ time: 1, a: 1, b: [2], c: { d: [3] } })).event.values).toEqual([2, 1, { d: [3] }]);
    expect(event(read({ time: 1, a: null })).event.values).toEqual([null, null, null]);
  });

  it('are numbers where an operator calculates', () => {
    for (const op of ['sum', 'mean', 'min', 'max', 'variance', 'stddev', 'quantile']) {
      const read = aggregating(op);
      expect(event(read({ time: 1, a: -1.5 })).event.values).toEqual([-1.5]);
      expect(event(read({ time: 1, a: null })).event.values).toEqual([null]);
      expect(faultsOf(read({ time: 1, a: '5' }))).toEqual([
        { pointer: '/a', detail: 'must be a number, not a text' },
      ]);
      for (const wrong of [true, {}, [], Infinity, 'NaN'])
        expect(pointers(read({ time: 1, a: wrong }))).toEqual(['/a']);
    }
  });

  it('are scalars where an operator compares', () => {
    const read = aggregating('distinct');
    for (const a of ['x', 1, true, null]) expect(event(read({ time: 1, a })).event.values).toEqual([a]);
    for (const wrong of [{}, [], Infinity]) expect(pointers(read({ time: 1, a: wrong }))).toEqual(['/a']);
  });

  it('are anything where an operator keeps or counts, but what cannot be written again', () => {
    for (const op of ['first', 'last', 'collect', 'count']) {
      const read = aggregating(op);
      for (const a of ['x', 1, true, null, {}, [1, { b: null }]])
        expect(event(read({ time: 1, a })).event.values).toEqual([a]);
      expect(faultsOf(read(JSON.parse('{"time":1,"a":[{"b":1e999}]}')))).toEqual([
        { pointer: '/a', detail: 'has in it what is a number beyond the range of a 64-bit float' },
      ]);
      const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
      expect(pointers(read({ time: 1, a: nested(64) }))).toEqual([]);
      expect(pointers(read({ time: 1, a: nested(65) }))).toEqual(['/a']);
      expect(pointers(read({ time: 1, a: nested(200_000) }))).toEqual(['/a']);
    }
  });

  it('fit all operators that look at the same field, in whatever order', () => {
    for (const ops of [
      ['count', 'sum', 'distinct'],
      ['distinct', 'sum', 'first'],
      ['sum', 'collect', 'distinct'],
    ]) {
      const aggregates = Object.fromEntries(ops.map((op) => [op, { op, field: 'a' }]));
      const read = readerOf({ windows: { w: { type: 'sliding', size: 1, aggregates } } });
      expect(pointers(read({ time: 1, a: 'x' }))).toEqual(['/a']);
    }
  });

  it('have no negative zero, which a snapshot would not keep', () => {
    const read = aggregating('max', 'last');
    expect(event(read(JSON.parse('{"time":1,"a":-0.0,"b":-0}'))).event.values).toEqual([0, 0]);
  });
});

describe('a mark', () => {
  const punctuated = { watermark: { type: 'punctuated' } };
  const mark = (changes: object, value: object, form?: EventForm): unknown => readerOf(changes)(value, form);

  it('says how far a producer is, where the watermark is punctuated', () => {
    expect(mark(punctuated, { $watermark: '2026-01-31T12:00:00Z' })).toEqual({
      mark: { source: null, time: NOON, received: RECEIVED },
    });
    expect(mark({ ...punctuated, source: 'device' }, { $watermark: 5, device: 'd' })).toEqual({
      mark: { source: 'd', time: 5, received: RECEIVED },
    });
    expect(mark({ ...punctuated, source: 'device' }, { $watermark: 5 })).toMatchObject({
      mark: { source: null },
    });
  });

  it('cannot do so where it is bounded', () => {
    expect(pointers(readerOf()({ $watermark: 5 }))).toEqual(['/$watermark']);
  });

  it('ends the input of a source, or of all, in either type', () => {
    for (const type of ['bounded', 'punctuated']) {
      const stream = { watermark: { type }, source: 'device' };
      expect(mark(stream, { $watermark: 'end' })).toEqual({
        mark: { source: undefined, time: Infinity, received: RECEIVED },
      });
      expect(mark(stream, { $watermark: 'end', device: 7 })).toMatchObject({
        mark: { source: '7', time: Infinity },
      });
      expect(mark(stream, { $watermark: 'end', device: null })).toMatchObject({ mark: { source: null } });
      expect(mark({ watermark: { type } }, { $watermark: 'end' })).toMatchObject({
        mark: { source: undefined },
      });
    }
  });

  it('is a time or the end', () => {
    for (const wrong of [null, 'End', 'x', 1.5, true, {}, Infinity])
      expect(pointers(readerOf(punctuated)({ $watermark: wrong }))).toEqual(['/$watermark']);
  });

  it('says nothing else', () => {
    const stream = { ...punctuated, source: '/meta/device', id: 'id' };
    expect(pointers(readerOf(stream)({ $watermark: 5, meta: { device: 'd' } }))).toEqual([]);
    expect(
      pointers(readerOf(stream)({ $watermark: 'x', id: 1, meta: { device: {}, at: 1, $watermark: 2 } })),
    ).toEqual(['/id', '/meta/at', '/meta/$watermark', '/$watermark', '/meta/device']);
    expect(pointers(readerOf(punctuated)({ $watermark: 5, device: 'd' }))).toEqual(['/device']);
  });

  it('names its source as CloudEvents do among CloudEvents', () => {
    const stream = { ...punctuated, source: 'device' };
    expect(mark(stream, { $watermark: 5, source: '/d' }, 'cloudevents')).toMatchObject({
      mark: { source: '/d' },
    });
    expect(mark(stream, { $watermark: 5, device: '/d' }, 'cloudevents')).toMatchObject({
      faults: [{ pointer: '/device' }],
    });
  });
});
