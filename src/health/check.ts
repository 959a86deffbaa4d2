import type { HealthIndicatorResult } from '@nestjs/terminus';

/** A module's own check. */
export interface Check {
  /** Under which its result is shown. */
  readonly name: string;
  check(): HealthIndicatorResult | Promise<HealthIndicatorResult>;
  /** What it is when it does not answer in time: degraded, where it does not say that it is down then. */
  readonly downWhenLate?: boolean;
}

/** The dependency injection token of all checks, in the order in which they are shown. */
export const CHECKS = Symbol('Checks');

/** How long a check may take, in milliseconds: a probe must not wait for a thread that is busy. */
export const PATIENCE_MS = 1000;

/** The result of a check, or that there is none yet. */
export async function inTime(check: Check, patience = PATIENCE_MS): Promise<HealthIndicatorResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthIndicatorResult>((resolve) => {
    timer = setTimeout(() => resolve(tooLate(check, patience)), patience);
  });
  try {
    return await Promise.race([check.check(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLate({ name, downWhenLate }: Check, patience: number): HealthIndicatorResult {
  const reason = `it did not answer within ${patience} ms`;
  return { [name]: { status: downWhenLate ? 'down' : 'degraded', reason } };
}
