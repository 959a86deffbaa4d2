import { OrielError, pointerToken, type Fault } from '../errors.js';
import { ROLES, type Role } from '../http/areas.js';
import { parseTime } from '../units.js';
import type { AskedKey } from './key.js';

/** Names that fit into a Basic header, a log and an address. */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
/** Most patterns of a key, and their longest. */
export const MAX_PATTERNS = 100;
export const MAX_PATTERN = 128;

const SEES_ALL: readonly Role[] = ['audit', 'admin'];
const MEMBERS = ['name', 'roles', 'models', 'streams', 'expires'] as const;

type Members = Readonly<Partial<Record<(typeof MEMBERS)[number], unknown>>>;

/**
 * Reads what a key is asked with.
 * @param now epoch milliseconds; a key must not be over before it is made
 * @throws OrielError `invalid-key` (422) that names all that is wrong
 */
export function readKeyBody(body: unknown, now: number): AskedKey {
  const faults: Fault[] = [];
  const asked = keyOf(membersOf(body, faults), now, faults);
  if (faults.length > 0)
    throw new OrielError('invalid', 'invalid-key', 'The key cannot be made as it is asked for.', { faults });
  return asked;
}

function membersOf(body: unknown, faults: Fault[]): Members {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    faults.push({ pointer: '', detail: 'must be an object' });
    return {};
  }
  for (const name of Object.keys(body))
    if (!MEMBERS.some((known) => known === name))
      faults.push({ pointer: pointerToken(name), detail: `is unknown; there is ${MEMBERS.join(', ')}` });
  for (const name of ['name', 'roles'])
    if (!Object.hasOwn(body, name)) faults.push({ pointer: pointerToken(name), detail: 'is missing' });
  return body;
}

function keyOf({ name, roles, models, streams, expires }: Members, now: number, faults: Fault[]): AskedKey {
  const fault = (pointer: string, detail: string): null => {
    faults.push({ pointer, detail });
    return null;
  };
  if (name !== undefined && !(typeof name === 'string' && new RegExp(NAME_PATTERN).test(name)))
    fault(
      '/name',
      'must be 1 to 64 letters, digits, points, hyphens and underscores, the first a letter or digit',
    );
  const given =
    roles === undefined
      ? []
      : (rolesOf(roles) ?? fault('/roles', `must be some of ${ROLES.join(', ')}`) ?? []);
  const patterns = (value: unknown, pointer: string): readonly string[] | null => {
    if (value === undefined || value === null) return null;
    const list = patternsOf(value);
    if (!list)
      return fault(
        pointer,
        `must be 1 to ${MAX_PATTERNS} patterns of 1 to ${MAX_PATTERN} characters, such as "boston-*"`,
      );
    const all = given.filter((role) => SEES_ALL.includes(role));
    return all.length > 0 ? fault(pointer, `must not be there: ${all.join(' and ')} see all`) : list;
  };
  return {
    name: String(name),
    roles: given,
    models: patterns(models, '/models'),
    streams: patterns(streams, '/streams'),
    expires: expires === undefined || expires === null ? null : endOf(expires, now, fault),
  };
}

function endOf(value: unknown, now: number, fault: (pointer: string, detail: string) => null): number | null {
  const time = typeof value === 'string' || typeof value === 'number' ? parseTime(value) : undefined;
  if (time === undefined)
    return fault('/expires', 'must be a time such as 2026-01-31T12:00:00Z, or epoch milliseconds');
  return time > now ? time : fault('/expires', 'must be in the future');
}

function rolesOf(value: unknown): readonly Role[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const known = ROLES.filter((role) => (value as unknown[]).includes(role));
  return known.length === new Set(value).size ? known : undefined;
}

function patternsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_PATTERNS) return undefined;
  const fits = (one: unknown): one is string =>
    typeof one === 'string' && one.length > 0 && one.length <= MAX_PATTERN;
  return (value as unknown[]).every(fits) ? [...new Set(value as string[])] : undefined;
}
