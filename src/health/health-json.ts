import type { HealthCheckResult, HealthIndicatorResult } from '@nestjs/terminus';

export const HEALTH_JSON = 'application/health+json';

type Status = 'pass' | 'warn' | 'fail';

/** A health report as draft-inadarei-api-health-check-06 writes it. */
export interface HealthJson {
  status: Status;
  version: string;
  releaseId: string;
  description: string;
  checks?: Record<string, readonly Measured[]>;
}

interface Measured {
  status: Status;
  time: string;
  componentType?: 'component' | 'datastore' | 'system';
  observedValue?: number | string;
  observedUnit?: string;
  output?: string;
}

const STATUSES: Readonly<Record<string, Status>> = { up: 'pass', degraded: 'warn', down: 'fail' };

/** Units of what checks tell, by the ends of their names. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Ms$/, 'ms'],
  [/Bytes$/, 'bytes'],
  [/Rows$/, 'rows'],
];

/**
 * @param now RFC 3339
 * @param release version of the program
 */
export function healthJson({ status, details }: HealthCheckResult, release: string, now: string): HealthJson {
  const checks = Object.entries(details).flatMap(([name, part]) => measuredOf(name, part, now));
  return {
    status: status === 'ok' ? 'pass' : status === 'degraded' ? 'warn' : 'fail',
    version: '1',
    releaseId: release,
    description: 'Oriel',
    ...(checks.length > 0 ? { checks: Object.fromEntries(checks) } : {}),
  };
}

/** One entry for the component itself, and one for each number that it tells. */
function measuredOf(name: string, part: HealthIndicatorResult[string], time: string): [string, Measured[]][] {
  const { status, ...told } = part as { status: string } & Record<string, unknown>;
  const own = STATUSES[status] ?? 'fail';
  const reason = own === 'pass' ? undefined : reasonOf(told);
  const self: Measured = {
    status: own,
    time,
    componentType: 'component',
    ...(reason ? { output: reason } : {}),
  };
  return [
    [`${name}:status`, [self]],
    ...Object.entries(told).flatMap(([key, value]): [string, Measured[]][] => {
      if (typeof value !== 'number') return [];
      const unit = UNITS.find(([end]) => end.test(key))?.[1];
      const measured: Measured = {
        status: own,
        time,
        observedValue: value,
        ...(unit ? { observedUnit: unit } : {}),
      };
      return [[`${name}:${key}`, [measured]]];
    }),
  ];
}

function reasonOf({ reason, message }: Record<string, unknown>): string | undefined {
  const said = reason ?? message;
  return typeof said === 'string' ? said : undefined;
}
