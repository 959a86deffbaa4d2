/**
 * Whether something in a JSON text is in more than `most` arrays and objects. It needs no valid JSON and no stack, so that it can be
 * asked before anything is parsed: a text of brackets alone takes thirty times its size as values.
 */
export function isNestedDeeper(text: string, most: number): boolean {
  // Nearly always there are too few brackets for that, and those are counted fast.
  if (countOf(text, '{', most) + countOf(text, '[', most) <= most) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) inString = !inString;
    else if (inString) {
      if (char === BACKSLASH) at++;
    } else if (char === OPEN_ARRAY || char === OPEN_OBJECT) {
      if (++depth > most) return true;
    } else if (char === CLOSE_ARRAY || char === CLOSE_OBJECT) depth--;
  }
  return false;
}

const QUOTE = 34;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** How often a character is in a text; no more than one above `most` are counted. */
function countOf(text: string, char: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0 && count <= most; at = text.indexOf(char, at + 1)) count++;
  return count;
}
