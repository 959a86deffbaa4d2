import type { HealthCheckResult } from '@nestjs/terminus';
import { inTime } from './check.js';
import { healthJson } from './health-json.js';

const NOW = '2026-01-31T12:00:00.000Z';

describe('application/health+json', () => {
  it.each([
    ['ok', 'pass'],
    ['degraded', 'warn'],
    ['error', 'fail'],
    ['shutting_down', 'fail'],
  ] as const)('calls %s %s', (status, said) => {
    expect(healthJson({ status, details: {} }, '1.2.3', NOW)).toEqual({
      status: said,
      version: '1',
      releaseId: '1.2.3',
      description: 'Oriel',
    });
  });

  it('has an entry for each component and for each number that it tells, with its unit', () => {
    const details: HealthCheckResult['details'] = {
      disk: { status: 'degraded', freeBytes: 5, reason: 'nearly full' },
      journal: { status: 'up', lagMs: 2 },
    };
    expect(healthJson({ status: 'degraded', details }, '1', NOW).checks).toEqual({
      'disk:status': [{ status: 'warn', time: NOW, componentType: 'component', output: 'nearly full' }],
      'disk:freeBytes': [{ status: 'warn', time: NOW, observedValue: 5, observedUnit: 'bytes' }],
      'journal:status': [{ status: 'pass', time: NOW, componentType: 'component' }],
      'journal:lagMs': [{ status: 'pass', time: NOW, observedValue: 2, observedUnit: 'ms' }],
    });
  });
});

describe('a check that does not answer', () => {
  const check = (): Promise<never> => new Promise<never>(() => undefined);

  it('degrades, with the reason, after its time', async () => {
    expect(await inTime({ name: 'streams', check }, 20)).toEqual({
      streams: { status: 'degraded', reason: 'it did not answer within 20 ms' },
    });
  });

  it('is down where it asks only when something is wrong', async () => {
    expect(await inTime({ name: 'journal', downWhenLate: true, check }, 20)).toMatchObject({
      journal: { status: 'down' },
    });
  });

  it('changes nothing for one that does', async () => {
    const up = { cache: { status: 'up' as const } };
    expect(await inTime({ name: 'cache', check: () => up }, 20)).toEqual(up);
  });
});
