/** A JSON text in one line: between its tokens there is no line end, and inside of a string none can be. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/[\r\n]\s*/g, ' ');
}

/**
 * The texts of the elements of a JSON array, as they were sent: written again, a number of more digits than a float has would be another.
 * @param text an array that `JSON.parse` has read
 */
export function elementTexts(text: string): string[] {
  const elements: string[] = [];
  let from = text.indexOf('[') + 1;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34: // "
        at = endOfString(text, at);
        break;
      case 91: // [
      case 123: // {
        depth++;
        break;
      case 44: // ,
        if (depth > 0) break;
        elements.push(oneLine(text.slice(from, at)));
        from = at + 1;
        break;
      case 93: // ]
      case 125: // }
        depth--;
        if (depth >= 0) break;
        return withLast(elements, oneLine(text.slice(from, at)));
    }
  }
  return elements;
}

/** Whether something in a JSON text is in more than `most` arrays and objects. */
export function isNestedDeeper(text: string, most: number): boolean {
  // Nearly always there are too few brackets for that, and those are counted fast.
  if (countOf(text, '{', most) + countOf(text, '[', most) <= most) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '[' || char === '{') {
      if (++depth > most) return true;
    } else if (char === ']' || char === '}') depth--;
  }
  return false;
}

/** How often a character is in a text; no more than one above `most` are counted. */
function countOf(text: string, char: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0 && count <= most; at = text.indexOf(char, at + 1)) count++;
  return count;
}

/** An empty array has no last element. */
function withLast(elements: string[], last: string): string[] {
  if (last !== '') elements.push(last);
  return elements;
}

/** The place of the quote that ends the string which begins at `at`. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === 92) before--; // \
    if ((end - before) % 2 === 1) return end;
  }
}
