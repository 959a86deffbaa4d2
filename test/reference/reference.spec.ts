import type { StreamDefinition, WindowDefinition } from '../../src/windows/engine/definition.js';
import type { EngineEvent } from '../../src/windows/engine/messages.js';
import { calendarWindow, firstInstant, wallClock } from './calendar.js';
import { alike, runCase } from './case-run.js';
import { workedCases } from './case.js';
import { exactMean, exactSum, exactVariance } from './exact.js';
import { ReferenceSubject } from './reference-subject.js';
import { Reference } from './reference.js';

const COUNT = { n: { op: 'count', field: null, q: null } } as const;

function stream(window: WindowDefinition, lateness: number): StreamDefinition {
  return {
    ...{ key: [], source: null, id: null, eventTime: 't', sentAt: null, dedupeFor: 0, lateness, alarm: null },
    watermark: { type: 'bounded', bound: 0, idleAfter: null, futureLimit: null },
    ...{ windows: { w: window }, retention: { events: null, windows: null } },
  };
}

const at = (time: number): { event: EngineEvent } => ({
  event: { time, received: 0, source: null, key: '[]', values: [] },
});

describe('the reference', () => {
  it.each(workedCases().map((one) => [one.id, one] as const))('agrees with %s', async (_, one) => {
    const comparisons = await runCase(one, (definition) => Promise.resolve(new ReferenceSubject(definition)));
    expect(comparisons.length).toBeGreaterThan(0);
    for (const { what, expected, found } of comparisons)
      if (!alike(expected, found)) expect({ what, rows: found }).toEqual({ what, rows: expected });
  });

  it('tells a window once its end is reached, again for what comes late, and then no more', () => {
    const reference = new Reference(stream({ type: 'tumbling', size: 10, offset: 0, aggregates: COUNT }, 5));
    const steps = [3, 9, 10, 4, 15, 5].map((time) => {
      const { applied, results } = reference.step(at(time));
      return [applied?.late, results.map((one) => [one.start, one.revision, one.events])];
    });
    expect(steps).toEqual([
      [false, []],
      [false, []],
      [false, [[0, 1, 2]]],
      [false, [[0, 2, 3]]],
      [false, []],
      [true, []],
    ]);
    expect(reference.counters).toMatchObject({ accepted: 6, lateEvents: 1, lateWindows: 1, unassigned: 0 });
  });

  it('withdraws told sessions that an event joins, and begins the whole anew', () => {
    const reference = new Reference(
      stream({ type: 'session', gap: 5, touching: 'separate', maxSize: null, aggregates: COUNT }, 100),
    );
    for (const time of [0, 8, 20]) reference.step(at(time));
    const { results, withdrawals } = reference.step(at(4));
    expect(
      withdrawals.map(({ start, end, revision, mergedInto }) => [start, end, revision, mergedInto]),
    ).toEqual([
      [0, 5, 2, { start: 0, end: 13 }],
      [8, 13, 2, { start: 0, end: 13 }],
    ]);
    expect(results.map(({ start, end, revision, events }) => [start, end, revision, events])).toEqual([
      [0, 13, 1, 3],
    ]);
  });

  it('begins a session where another would grow beyond its bound', () => {
    const reference = new Reference(
      stream({ type: 'session', gap: 5, touching: 'separate', maxSize: 9, aggregates: COUNT }, 0),
    );
    for (const time of [0, 4, 8]) reference.step(at(time));
    expect(reference.all('w').map(({ start, end }) => [start, end])).toEqual([
      [0, 9],
      [8, 13],
    ]);
  });

  it('finds the days and hours of clocks that are set', () => {
    const window = (unit: 'hour' | 'day', timeZone: string) =>
      ({ type: 'calendar', unit, count: 1, anchor: '1970-01-01', timeZone, aggregates: {} }) as const;
    const warsaw = Date.parse('2026-03-29T12:00:00+02:00');
    const day = calendarWindow(window('day', 'Europe/Warsaw'), warsaw);
    expect(day.end - day.start).toBe(23 * 3_600_000);
    const twice = Date.parse('2026-10-25T02:30:00+01:00');
    const hour = calendarWindow(window('hour', 'Europe/Warsaw'), twice);
    expect(hour).toEqual({
      start: Date.parse('2026-10-25T02:00:00+02:00'),
      end: Date.parse('2026-10-25T03:00:00+01:00'),
    });
    // São Paulo's clocks went from 2018-11-04T00:00 to 01:00: the day begins at 01:00.
    const saoPaulo = firstInstant('America/Sao_Paulo', Date.UTC(2018, 10, 4));
    expect(saoPaulo).toBe(Date.parse('2018-11-04T01:00:00-02:00'));
    expect(wallClock('Australia/Lord_Howe', Date.UTC(2026, 0, 1))).toBe(Date.UTC(2026, 0, 1, 11));
  });

  it('adds without rounding', () => {
    expect(exactSum([1e16, 1, -1e16])).toBe(1);
    expect(exactSum([0.1, 0.2])).toBeCloseTo(0.3, 15);
    expect(exactSum([5e-324, 5e-324])).toBe(1e-323);
    expect(exactSum([1e308, 1e308, -1e308])).toBe(1e308);
    expect(exactMean([1, 2, 4])).toBeCloseTo(7 / 3, 15);
    expect(exactVariance([1, 2, 3, 4])).toBe(1.25);
    expect(exactVariance([1e9 + 1, 1e9 + 2])).toBe(0.25);
  });
});
