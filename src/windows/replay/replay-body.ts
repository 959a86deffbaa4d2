import { OrielError, type Fault } from '../../errors.js';
import { parseTime } from '../../units.js';
import { readDefinition } from '../definition/read.js';
import { viewDefinition } from '../definition/view.js';
import type { Json } from '../engine/messages.js';
import type { ReplayQuestion } from './messages.js';

/** What of a definition a replay may change. */
const CHANGED = ['watermark', 'lateness', 'windows'] as const;
const MEMBERS: ReadonlySet<string> = new Set([...CHANGED, 'from', 'to']);
const NOT_A_TIME = 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds';

/**
 * Reads the body of a replay.
 * @param view the definition of the stream as the API shows it; what the body does not change stays
 * @throws OrielError `invalid-replay` with all that is wrong
 */
export function readReplay(name: string, view: Json, body: unknown): ReplayQuestion {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid([{ pointer: '', detail: `must be an object of ${[...MEMBERS].join(', ')}` }]);
  const given = body as Record<string, unknown>;
  const faults: Fault[] = Object.keys(given)
    .filter((member) => !MEMBERS.has(member))
    .map((member) => ({
      pointer: `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      detail: 'is not a member of a replay',
    }));
  const changes = CHANGED.filter((member) => Object.hasOwn(given, member)).map((member) => [
    member,
    given[member],
  ]);
  const read = readDefinition({ ...(view as object), ...(Object.fromEntries(changes) as object) });
  if ('faults' in read) faults.push(...read.faults);
  const times = Object.fromEntries(
    (['from', 'to'] as const).flatMap((member) => {
      const value = given[member];
      if (value === undefined) return [];
      const time = typeof value === 'string' || typeof value === 'number' ? parseTime(value) : undefined;
      if (time === undefined) faults.push({ pointer: `/${member}`, detail: NOT_A_TIME });
      return [[member, time]];
    }),
  ) as { from?: number; to?: number };
  if ('definition' in read && faults.length === 0)
    return {
      name,
      definition: viewDefinition(read.definition),
      lateness: read.definition.lateness,
      ...times,
    };
  throw invalid(faults);
}

function invalid(faults: Fault[]): OrielError {
  return new OrielError('invalid', 'invalid-replay', 'This is no replay.', { faults });
}
