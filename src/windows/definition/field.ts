import { MAX_FIELD } from './bounds.js';

/** The member that makes an element a mark; no field can be in it. */
export const MARK_MEMBER = '$watermark';

/**
 * Where a field is: the names to follow from the event inwards. A field is a member name, or a JSON pointer (RFC 6901) where it
 * begins with `/`.
 * @returns undefined where it is neither
 */
export function tokensOf(field: string): string[] | undefined {
  if (field === '') return undefined;
  if (!field.startsWith('/')) return [field];
  if (/~(?![01])/.test(field)) return undefined;
  return field
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What is wrong with a field, in words for a fault; null where nothing is. */
export function fieldFault(field: unknown): string | null {
  if (typeof field !== 'string')
    return 'must be a field: a member name, or a JSON pointer that begins with /';
  const tokens = tokensOf(field);
  if (field === '') return 'must not be empty';
  if (!tokens) return 'must be a JSON pointer, since it begins with /: in it ~ stands only in ~0 and ~1';
  if (field.length > MAX_FIELD) return `must have at most ${MAX_FIELD} characters`;
  return tokens[0] === MARK_MEMBER ? `must not be ${MARK_MEMBER}, which makes an element a mark` : null;
}

/** The same text for two fields that are at the same place, such as `car` and `/car`. */
export function placeOf(field: string): string {
  return JSON.stringify(tokensOf(field));
}
