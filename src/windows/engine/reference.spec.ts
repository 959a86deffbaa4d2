/** The engine against a brute-force reference that shares nothing with it: `test/reference`. */
import fc from 'fast-check';
import { differences, resultDifferences, setDifferences } from '../../../test/reference/compare.js';
import { Driver } from '../../../test/reference/driver.js';
import { Reference } from '../../../test/reference/reference.js';
import { KINDS, scenarios, type Scenario } from '../../../test/reference/scenarios.js';
import { DEFAULT_LIMITS, type EngineLimits } from './messages.js';

const TIGHT: EngineLimits = { ...DEFAULT_LIMITS, collected: 3 };

/** Runs both side by side, and says in which move they part. */
function compare({ definition, moves }: Scenario, limits: EngineLimits): void {
  const reference = new Reference(definition, limits);
  const driver = new Driver(definition, limits);
  let names = Object.keys(definition.windows);
  for (const [index, move] of moves.entries()) {
    const told = driver.move(move);
    if ('redefine' in move) names = Object.keys(move.redefine.windows);
    const problems = 'restart' in move ? [] : differences(told, reference.step(move));
    problems.push(...clockDifferences(driver, reference));
    if (index % 3 === 0) problems.push(...openDifferences(driver, reference, names));
    if (problems.length > 0) throw new Error(`move ${index}: ${problems.join('\n')}`);
  }
}

function clockDifferences({ engine }: Driver, reference: Reference): string[] {
  const problems: string[] = [];
  if (engine.watermark !== reference.watermark)
    problems.push(`watermark ${engine.watermark}, not ${reference.watermark}`);
  problems.push(...setDifferences('counters', entries(engine.counters), entries(reference.counters)));
  const wake = reference.clock.nextWakeAt; // the engine may wake in vain, but not too late
  if (wake !== null && (engine.nextWakeAt ?? Infinity) > wake)
    problems.push(`nextWakeAt ${engine.nextWakeAt}, not ${wake}`);
  const { sources } = engine.clock(1000);
  problems.push(...setDifferences('sources', sources.map(entries), reference.clock.sources.map(entries)));
  return problems;
}

function openDifferences({ engine }: Driver, reference: Reference, names: readonly string[]): string[] {
  const problems: string[] = [];
  const { windows } = engine.clock(0);
  for (const window of names) {
    const open = reference.open(window);
    const found = engine.open({ window, limit: 10_000 });
    problems.push(...resultDifferences(found, open).map((one) => `open ${one}`));
    const order = (rows: readonly { start: number; end: number; key: string }[]): string =>
      JSON.stringify(rows.map(({ start, end, key }) => [start, end, key]));
    if (order(found) !== order(open)) problems.push(`open windows in the order ${order(found)}`);
    const nextClose = open.length === 0 ? null : Math.min(...open.map(({ end }) => end));
    const expected = { open: open.length, nextClose };
    const shown = windows[window];
    if (shown?.open !== expected.open || shown.nextClose !== expected.nextClose)
      problems.push(`clock of ${window} ${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`);
  }
  return problems;
}

function entries(record: object): [string, unknown][] {
  return Object.entries(record).map(([name, value]) => [
    name,
    typeof value === 'number' ? String(value) : value,
  ]);
}

describe('the engine, beside a brute-force reference,', () => {
  it.each(Object.entries(KINDS))('says the same of %s windows', (_, kind) => {
    const alone = scenarios({ windows: kind });
    fc.assert(
      fc.property(alone, (scenario) => compare(scenario, DEFAULT_LIMITS)),
      { numRuns: 150 },
    );
  });

  it('says the same of several window definitions of any kind, whatever restarts come between', () => {
    fc.assert(
      fc.property(scenarios({ restarts: true }), (scenario) => compare(scenario, TIGHT)),
      { numRuns: 300 },
    );
  });

  it('says the same where windows are added and dropped', () => {
    fc.assert(
      fc.property(scenarios({ redefine: true, restarts: true }), (scenario) => compare(scenario, TIGHT)),
      { numRuns: 150 },
    );
  });
});
