import { formatDuration, parseDuration } from '../../units.js';
import { MAX_DURATION } from './bounds.js';
import type { Read } from './members.js';

const FORM = 'must be a duration such as 250ms, 10s, 5m, 1h30m or 7d, or whole milliseconds';

/** A duration in milliseconds, from `least` to `MAX_DURATION`. */
export function duration(least: number): Read<number> {
  return (value, pointer, faults) => {
    const ms = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined;
    if (ms === undefined) return faults.add(pointer, FORM);
    if (ms < least) return faults.add(pointer, `must be at least ${formatDuration(least)}`);
    return ms > MAX_DURATION ? faults.add(pointer, `must be at most ${formatDuration(MAX_DURATION)}`) : ms;
  };
}

/** A duration of any sign in milliseconds: `-30000`, `-30s`. */
export const offset: Read<number> = (value, pointer, faults) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  const negative = typeof value === 'string' && value.startsWith('-');
  const ms = typeof value === 'string' ? parseDuration(negative ? value.slice(1) : value) : undefined;
  if (ms === undefined) return faults.add(pointer, `${FORM}; a "-" may stand before it`);
  return negative ? -ms : ms;
};

/** The offset in `[0, period)` that means the same. */
export function normalised(ms: number, period: number): number {
  return ((ms % period) + period) % period;
}
