import { CpuMeter } from './cpu-meter.js';

describe('CpuMeter', () => {
  it('shares the CPU time of a second among its predictions, and prices a million of them by the hour', () => {
    let now = 0;
    let cpu = 5000;
    const meter = new CpuMeter(
      0.036,
      () => cpu,
      () => now,
    );
    for (let i = 0; i < 99; i++) expect(meter.next()).toEqual({ cpuUs: null, costPerMillion: null });
    now = 1000;
    cpu += 100_000;
    const cost = meter.next();
    expect(cost.cpuUs).toBe(1000);
    // A millisecond each: 1,000 s for a million, at 0.00001 a second.
    expect(cost.costPerMillion).toBeCloseTo(0.01, 12);
    now = 1999;
    cpu += 900_000;
    expect(meter.next().cpuUs).toBe(1000);
    now = 2000;
    expect(meter.next().cpuUs).toBe(450_000);
  });
});
