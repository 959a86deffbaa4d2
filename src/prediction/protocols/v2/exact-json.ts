/** Begins a text that was a long integer in JSON. No text of a caller can be mistaken for one: NUL is refused in all of them. */
const MARK = '\0';

/** Sixteen digits are the fewest that a double may not hold exactly. */
const LONG = /\d{16}/;
const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * Parses JSON without losing digits: an integer of sixteen digits or more becomes a marked text, for `digitsOf` to read.
 * (`JSON.parse` rounds it to a double, and Node 20 does not give a reviver the source.)
 * @param text valid JSON @param parsed what `JSON.parse` made of it
 */
export function parseExactly(text: string, parsed: unknown): unknown {
  if (!LONG.test(text)) return parsed;
  let marked = '';
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    marked += text.slice(at, end).replaceAll(LONG_INTEGER, (digits) => `"\\u0000${digits}"`);
    if (quote < 0) break;
    at = endOfString(text, quote);
    marked += text.slice(quote, at);
  }
  return JSON.parse(marked);
}

/** The digits of an integer that `parseExactly` marked; undefined for any other value. */
export function digitsOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return undefined;
  const digits = value.slice(1);
  return /^-?\d{16,}$/.test(digits) ? digits : undefined;
}

/** The index after the quote that closes the string that opens at `quote`. */
function endOfString(text: string, quote: number): number {
  let close = text.indexOf('"', quote + 1);
  while (close >= 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close < 0 ? text.length : close + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}
