import type { Readable } from 'node:stream';

/** About how many characters of lines are taken at once. */
const PART = 2 ** 18;

/**
 * Cuts NDJSON of any length into parts of whole lines, as it comes. Of a line that is longer than `limit` characters one more than those
 * is kept, so that it is still seen to be too long.
 * @throws what the stream fails with, where the client goes away
 */
export async function* partsOf(bytes: Readable, limit: number): AsyncGenerator<string, void> {
  bytes.setEncoding('utf8');
  let held = '';
  let skipping = false;
  for await (const piece of bytes as AsyncIterable<string>) {
    let text = piece;
    if (skipping) {
      const end = text.indexOf('\n');
      if (end < 0) continue;
      text = text.slice(end);
      skipping = false;
    }
    held += text;
    const end = held.lastIndexOf('\n') + 1;
    if (end >= PART) {
      yield held.slice(0, end);
      held = held.slice(end);
    }
    const unfinished = held.length - (held.lastIndexOf('\n') + 1);
    if (unfinished > limit) {
      held = held.slice(0, held.length - (unfinished - limit - 1));
      skipping = true;
    }
  }
  if (held !== '') yield held;
}
