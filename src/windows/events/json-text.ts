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
