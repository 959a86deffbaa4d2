/** What holds of every stream, whatever it is told. Which windows hold an event is the reference's word; the rest is the engine's alone. */
import fc from 'fast-check';
import { alike } from '../../../test/reference/case-run.js';
import { Driver } from '../../../test/reference/driver.js';
import { KINDS, scenarios, type Move, type Scenario } from '../../../test/reference/scenarios.js';
import { extentsOf } from '../../../test/reference/windows.js';
import { fieldsOf, type StreamDefinition, type WindowDefinition } from './definition.js';
import type { EngineEvent, WindowResult } from './messages.js';

const { tumbling, hopping, cumulative, session, calendar } = KINDS;

function run({ definition, moves }: Scenario): Driver {
  const driver = new Driver(definition);
  for (const move of moves) driver.move(move);
  return driver;
}

/** Other windows for a scenario; its events keep the values of the fields that are still looked at. */
function withWindows(
  { definition, moves }: Scenario,
  windows: Readonly<Record<string, WindowDefinition>>,
): Scenario {
  const changed = { ...definition, windows };
  const names = fieldsOf(changed);
  let current = definition;
  const kept = moves.flatMap((move): Move[] => {
    if ('redefine' in move) current = move.redefine;
    if ('redefine' in move) return [];
    if (!('event' in move)) return [move];
    const values = new Map(fieldsOf(current).map((field, i) => [field, move.event.values[i] ?? null]));
    return [{ event: { ...move.event, values: names.map((field) => values.get(field) ?? null) } }];
  });
  return { definition: changed, moves: kept };
}

function withAll(
  scenario: Scenario,
  change: (window: WindowDefinition, name: string) => WindowDefinition,
): Scenario {
  const { windows } = scenario.definition;
  const changed = Object.entries(windows).map(([name, one]) => [name, change(one, name)] as const);
  return withWindows(scenario, Object.fromEntries(changed));
}

function withDefinition({ definition, moves }: Scenario, change: Partial<StreamDefinition>): Scenario {
  return { definition: { ...definition, ...change }, moves };
}

const eventsOf = ({ moves }: Scenario): EngineEvent[] =>
  moves.flatMap((move) => ('event' in move ? [move.event] : []));

/** What is left once nothing can change any more: how often each was told apart. */
function outcome(driver: Driver, name?: string): unknown[] {
  return driver
    .told()
    .filter(({ window }) => name === undefined || window === name)
    .map(({ revision: _, window, ...rest }) => (name === undefined ? { window, ...rest } : rest));
}

function expectAlike(found: unknown, expected: unknown): void {
  if (!alike(found, expected)) expect(found).toEqual(expected);
}

describe('laws of the engine', () => {
  it('a snapshot restored anywhere changes nothing, byte for byte', () => {
    fc.assert(
      fc.property(scenarios({ restarts: true, redefine: true }), (scenario) => {
        const moves = scenario.moves.filter((move) => !('restart' in move));
        expect(run(scenario).lines).toEqual(run({ ...scenario, moves }).lines);
      }),
      { numRuns: 200 },
    );
  });

  it('restarts before every move change nothing, byte for byte', () => {
    fc.assert(
      fc.property(scenarios({ moves: 20 }), ({ definition, moves }) => {
        const restarted = moves.flatMap((move): Move[] => [{ restart: true }, move]);
        expect(run({ definition, moves: restarted }).lines).toEqual(run({ definition, moves }).lines);
      }),
      { numRuns: 50 },
    );
  });

  it('the same log twice tells the same bytes', () => {
    fc.assert(
      fc.property(scenarios({ redefine: true }), (scenario) =>
        expect(run(scenario).lines).toEqual(run(scenario).lines),
      ),
      { numRuns: 50 },
    );
  });

  it('the order of arrival does not matter where nobody is late', () => {
    const any = scenarios({ sources: false, future: false, type: fc.constant('bounded'), moves: 30 });
    fc.assert(
      fc.property(any, fc.infiniteStream(fc.nat()), (drawn, ranks) => {
        const scenario = inTime(drawn);
        const moves = scenario.moves.slice(0, -1);
        const shuffled = moves
          .map((move) => [ranks.next().value, move] as const)
          .sort(([a], [b]) => a - b)
          .map(([, move]) => move);
        const end = scenario.moves.slice(-1);
        const other = run({ ...scenario, moves: [...shuffled, ...end] });
        const one = run(scenario);
        expect(one.engine.counters.lateWindows).toBe(0);
        expectAlike(outcome(other), outcome(one));
      }),
      { numRuns: 150 },
    );
  });

  it('a watermark never falls', () => {
    fc.assert(
      fc.property(scenarios({ restarts: true }), ({ definition, moves }) => {
        const driver = new Driver(definition);
        let last = -Infinity;
        for (const move of moves) {
          driver.move(move);
          expect(driver.engine.watermark).toBeGreaterThanOrEqual(last);
          last = driver.engine.watermark;
        }
        expect(last).toBe(Infinity);
      }),
      { numRuns: 100 },
    );
  });

  it('the sum over tumbling windows is the sum over the events that were not late', () => {
    const SUM = { sum: { op: 'sum', field: 'x', q: null } } as const;
    fc.assert(
      fc.property(scenarios({ windows: tumbling }), (drawn) => {
        const scenario = wholeNumbers(withAll(drawn, (one) => ({ ...one, aggregates: SUM })));
        const driver = new Driver(scenario.definition);
        const sums = Object.fromEntries(Object.keys(scenario.definition.windows).map((name) => [name, 0]));
        for (const move of scenario.moves) {
          const { applied } = driver.move(move);
          if (!('event' in move) || applied === null) continue;
          const missed = new Set(applied.missed.map(({ window }) => window));
          for (const name of Object.keys(sums))
            if (!missed.has(name)) sums[name]! += Number(move.event.values[0] ?? 0);
        }
        for (const [name, sum] of Object.entries(sums)) expect(total(driver, name, 'sum')).toBe(sum);
      }),
      { numRuns: 100 },
    );
  });

  it('a bound B with lateness L ends in the same final results as a bound B + L without', () => {
    const one = scenarios({ sources: false, type: fc.constant('bounded') });
    fc.assert(
      fc.property(one, (scenario) => {
        const { watermark, lateness } = scenario.definition;
        const patient = withDefinition(scenario, {
          watermark: { ...watermark, bound: watermark.bound + lateness },
          lateness: 0,
        });
        const [left, right] = [run(scenario), run(patient)];
        expectAlike(outcome(left), outcome(right));
        expect(left.engine.counters).toEqual(right.engine.counters);
      }),
      { numRuns: 200 },
    );
  });

  it('every event is counted in exactly its windows, or missed, and all are accepted', () => {
    const COUNT = { n: { op: 'count', field: null, q: null } } as const;
    const kinds = fc.oneof(tumbling, hopping, cumulative, calendar, session);
    fc.assert(
      fc.property(scenarios({ windows: kinds }), (drawn) => {
        // A longest session may have others of the same bounds beside it, once they are final.
        const scenario = withAll(drawn, (one) => ({
          ...one,
          aggregates: COUNT,
          ...(one.type === 'session' ? { maxSize: null } : {}),
        }));
        const driver = run(scenario);
        const events = eventsOf(scenario);
        let places = 0;
        for (const { time } of events)
          for (const window of Object.values(scenario.definition.windows))
            if (window.type === 'session') places++;
            else if (window.type !== 'sliding') places += extentsOf(window, time).length;
        const counted = driver.told().reduce((sum, one) => sum + one.events, 0);
        const { accepted, lateWindows } = driver.engine.counters;
        expect(counted + lateWindows).toBe(places);
        expect(accepted).toBe(events.length);
      }),
      { numRuns: 100 },
    );
  });

  it('hopping windows as far apart as they are long are tumbling ones', () => {
    fc.assert(
      fc.property(scenarios({ windows: tumbling }), (scenario) => {
        const asHopping = withAll(scenario, (one) =>
          one.type === 'tumbling' ? { ...one, type: 'hopping', every: one.size } : one,
        );
        expect(run(asHopping).lines).toEqual(run(scenario).lines);
      }),
      { numRuns: 100 },
    );
  });

  it('the longest cumulative windows are tumbling ones', () => {
    fc.assert(
      fc.property(scenarios({ windows: cumulative }), (scenario) => {
        const asTumbling = withAll(scenario, ({ ...one }) => {
          if (one.type !== 'cumulative') return one;
          const { size, offset, aggregates } = one;
          return { type: 'tumbling', size, offset, aggregates };
        });
        const longest = (driver: Driver): WindowResult[] =>
          driver.told().filter(({ window, start, end }) => {
            const definition = scenario.definition.windows[window];
            return definition?.type === 'cumulative' && end - start === definition.size;
          });
        const plain = (results: WindowResult[]): unknown[] => results.map(({ revision: _, ...rest }) => rest);
        expectAlike(plain(longest(run(scenario))), plain(run(asTumbling).told()));
      }),
      { numRuns: 100 },
    );
  });

  it('windows say the same alone and beside others that come and go', () => {
    fc.assert(
      fc.property(scenarios({ redefine: true }), (drawn) => {
        const { first } = drawn.definition.windows;
        if (first === undefined) throw new Error('there is no first window');
        const moves = drawn.moves.map((move): Move =>
          'redefine' in move
            ? { redefine: { ...move.redefine, windows: { ...move.redefine.windows, first } } }
            : move,
        );
        const beside = revalued({ ...drawn, moves });
        const alone = withWindows(beside, { first });
        expectAlike(outcome(run(beside), 'first'), outcome(run(alone), 'first'));
      }),
      { numRuns: 150 },
    );
  });
});

/** Nobody late, no two events of a key at a time, no session whose bound makes the order matter. */
function inTime(drawn: Scenario): Scenario {
  const unbounded = withAll(drawn, (one) => (one.type === 'session' ? { ...one, maxSize: null } : one));
  const { watermark } = unbounded.definition;
  const scenario = withDefinition(unbounded, { watermark: { ...watermark, bound: 1e12 } });
  const seen = new Set<string>();
  const moves = scenario.moves.filter((move) => {
    if (!('event' in move)) return 'mark' in move;
    const name = `${move.event.key} ${move.event.time}`;
    return !seen.has(name) && seen.add(name);
  });
  return { ...scenario, moves };
}

function wholeNumbers({ definition, moves }: Scenario): Scenario {
  const whole = (value: unknown): number | null =>
    typeof value === 'number' ? Math.round(value % 1000) : null;
  return {
    definition,
    moves: moves.map((move) =>
      'event' in move ? { event: { ...move.event, values: move.event.values.map(whole) } } : move,
    ),
  };
}

function total(driver: Driver, window: string, name: string): number {
  return driver
    .told()
    .filter((one) => one.window === window)
    .reduce((sum, { values }) => sum + Number(values[name] ?? 0), 0);
}

/** Events with the values of the definition that holds when they come, a missing one null. */
function revalued({ definition, moves }: Scenario): Scenario {
  let drawn = definition;
  let current = definition;
  return {
    definition,
    moves: moves.map((move) => {
      if ('redefine' in move) {
        drawn = current = move.redefine;
        return move;
      }
      if (!('event' in move)) return move;
      const values = new Map(fieldsOf(drawn).map((field, i) => [field, move.event.values[i] ?? null]));
      return {
        event: { ...move.event, values: fieldsOf(current).map((field) => values.get(field) ?? null) },
      };
    }),
  };
}
