import { ROLES, type Role } from '../../http/areas.js';
import { Permissions } from '../permissions.js';

/** In which claims of a token stands what its owner may do; empty for a bound that tokens do not have. */
export interface ClaimNames {
  roles: string;
  models: string;
  streams: string;
}

type Claims = Readonly<Record<string, unknown>>;

/** Longest subject that is taken, in characters; it stands in every record. */
const LONGEST_SUBJECT = 255;

/** Who a token is about, as the record names them: never as a key is named, which has no colon. @returns null when it does not say */
export function principalOf({ sub }: Claims): string | null {
  return typeof sub === 'string' && sub !== '' && sub.length <= LONGEST_SUBJECT ? `jwt:${sub}` : null;
}

/**
 * What a token allows. Roles that are none here are passed over. A bound that tokens have, and this one does not name, leaves
 * nothing; who may see all is not bound.
 */
export function permissionsOf(claims: Claims, names: ClaimNames): Permissions {
  const said = wordsOf(claimOf(claims, names.roles)) ?? [];
  const roles: readonly Role[] = ROLES.filter((role) => said.includes(role));
  const all = roles.includes('admin') || roles.includes('audit');
  const bound = (name: string): readonly string[] | null =>
    name === '' || all ? null : (wordsOf(claimOf(claims, name)) ?? []);
  return new Permissions(roles, bound(names.models), bound(names.streams));
}

/** A claim by its name, or by the way to it through the members of one. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const member of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined;
    value = (value as Claims)[member];
  }
  return value;
}

/** An array of texts, or a text of words between blanks, as `scope` is. */
function wordsOf(value: unknown): string[] | undefined {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  if (!Array.isArray(value)) return undefined;
  return (value as unknown[]).filter((one): one is string => typeof one === 'string');
}
