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

/**
 * Whether a JSON text has more than `most` arrays and objects, which it names in two characters and a parser makes in fifty bytes
 * each. Like the above it needs no valid JSON.
 */
export function hasMoreContainers(text: string, most: number): boolean {
  // Nearly always the text is too short for that, or has too few brackets; those in strings are told apart only where it matters.
  if (text.length <= 2 * most || countOf(text, '{', most) + countOf(text, '[', most) <= most) return false;
  let count = 0;
  let inString = false;
  for (let at = 0; at < text.length && count <= most; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) inString = !inString;
    else if (inString) {
      if (char === BACKSLASH) at++;
    } else if (char === OPEN_ARRAY || char === OPEN_OBJECT) count++;
  }
  return count > most;
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
