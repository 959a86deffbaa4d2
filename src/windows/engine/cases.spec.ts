/** Worked examples of other engines through this one: `test/fixtures/windows`. */
import { alike, runCase } from '../../../test/reference/case-run.js';
import { workedCases } from '../../../test/reference/case.js';
import { EngineSubject } from '../../../test/reference/engine-subject.js';

describe('the engine, told the worked examples of others,', () => {
  it.each(workedCases().map((one) => [one.id, one] as const))('agrees with %s', async (_, one) => {
    const comparisons = await runCase(one, (_definition, json) => Promise.resolve(EngineSubject.of(json)));
    expect(comparisons.length).toBeGreaterThan(0);
    for (const { what, expected, found } of comparisons)
      if (!alike(expected, found)) expect({ what, rows: found }).toEqual({ what, rows: expected });
  });
});
