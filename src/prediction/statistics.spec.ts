import { ModelStatistics } from './statistics.js';

describe('ModelStatistics', () => {
  it('counts a batch once, and its times for each request in it', () => {
    const statistics = new ModelStatistics();
    statistics.executed(5, [1, 2], { input: 1, run: 10, output: 2 }, 1000);
    expect(statistics).toMatchObject({ rows: 5, executions: 1, lastRun: 1000 });
    expect(statistics.queue).toEqual({ count: 2, ms: 3 });
    expect(statistics.run).toEqual({ count: 2, ms: 20 });
    expect(statistics.batches.get(5)?.run).toEqual({ count: 1, ms: 10 });
  });

  it('keeps few sizes, however odd they are', () => {
    const statistics = new ModelStatistics();
    for (let rows = 1025; rows < 5000; rows++)
      statistics.executed(rows, [0], { input: 0, run: 0, output: 0 }, 0);
    expect([...statistics.batches.keys()]).toEqual([2048, 4096, 8192]);
  });
});
