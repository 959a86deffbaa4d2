import { MAX_NAME } from './bounds.js';

/** The form of a name: it begins with a letter or a digit, so that it is never `.`, `..` or `__proto__`. */
export const NAME = new RegExp(String.raw`^[A-Za-z0-9][A-Za-z0-9_.-]{0,${MAX_NAME - 1}}$`);

/** What a name has to be, in words for a fault. */
export const NAME_FORM = `must be 1 to ${MAX_NAME} letters, digits, "_", "-" and ".", the first of them a letter or a digit`;

/** Whether a text can name a window or an aggregate: one segment of a URL path that needs no escapes. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a text can name a stream. Names that are taken by the server itself are not told apart here. */
export function isStreamName(text: string): boolean {
  return isName(text);
}
