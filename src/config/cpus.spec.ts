import { availableParallelism } from 'node:os';
import { usableCpus } from './cpus.js';

const MINE = availableParallelism();
const V2 = '/sys/fs/cgroup/cpu.max';
const V1 = ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'] as const;
const with_ = (files: Record<string, string>): number => usableCpus((path) => files[path]);

describe('usableCpus', () => {
  it('is what the process may use where no cgroup limits it', () => {
    expect(with_({})).toBe(MINE);
    expect(with_({ [V2]: 'max 100000\n' })).toBe(MINE);
    expect(with_({ [V1[0]]: '-1\n', [V1[1]]: '100000\n' })).toBe(MINE);
    expect(with_({ [V2]: '10000000 100000\n' })).toBe(Math.min(MINE, 100));
  });

  it('takes the quota of either version, rounded up and at least one', () => {
    expect(with_({ [V2]: '50000 100000\n' })).toBe(1);
    expect(with_({ [V2]: '150000 100000\n' })).toBe(Math.min(MINE, 2));
    expect(with_({ [V1[0]]: '100000\n', [V1[1]]: '100000\n' })).toBe(1);
  });

  it('reads the real files when nothing else is given', () => {
    expect(usableCpus()).toBeGreaterThanOrEqual(1);
    expect(usableCpus()).toBeLessThanOrEqual(MINE);
  });
});
