/** What a caller says of itself: a key or token alone, or a name with it. */
export interface Credentials {
  /** Null where the scheme has none. */
  name: string | null;
  secret: string;
}

/** Longest header that is looked into, in characters; tokens of large organisations have some thousand. */
export const LONGEST_HEADER = 12_000;

/** Visible ASCII: what RFC 6750 takes and, for keys that people chose, a little more. */
const BEARER = /^bearer +([\x21-\x7e]+) *$/i;
/** RFC 7617, with Base64 as RFC 4648 has it. */
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** Reads an `Authorization` header. @returns null when it is none that could be right: another scheme, or malformed */
export function readAuthorization(header: string): Credentials | null {
  if (header.length > LONGEST_HEADER) return null;
  const bearer = BEARER.exec(header)?.[1];
  if (bearer !== undefined) return { name: null, secret: bearer };
  const basic = BASIC.exec(header)?.[1];
  if (basic === undefined) return null;
  const text = Buffer.from(basic, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 1 || colon === text.length - 1
    ? null
    : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** Whether a text has the form of a JSON Web Token that is signed (RFC 7519). */
export function isToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}
