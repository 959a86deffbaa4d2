import { OrielError } from '../errors.js';
import { parseDuration } from '../units.js';

/** How long a caller waits for a model, and whether it still does. */
export interface Patience {
  /** On the monotonic clock, in milliseconds. */
  deadline: number;
  gone: () => boolean;
}

/** Why a question need not be asked any more: null while its caller waits. */
export function lostPatience({ deadline, gone }: Patience, now: number): OrielError | null {
  if (gone()) return new OrielError('unavailable', 'aborted', 'The caller is gone.');
  if (now > deadline) return deadlineExceeded(1);
  return null;
}

export function deadlineExceeded(retryAfter: number): OrielError {
  const detail = 'The model is too busy to answer within the time given.';
  return new OrielError('unavailable', 'deadline-exceeded', detail, { retryAfter });
}

/** Reads the header `Request-Timeout`: milliseconds or a duration. @throws OrielError `invalid-header` */
export function requestTimeout(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = typeof header === 'string' ? parseDuration(header.trim()) : undefined;
  if (ms !== undefined && ms > 0) return ms;
  throw new OrielError(
    'badParameter',
    'invalid-header',
    'The header Request-Timeout must be milliseconds or a duration such as 250ms or 2s.',
  );
}
