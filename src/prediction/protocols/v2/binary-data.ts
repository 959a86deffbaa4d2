import type { ElementType, NamedTensor, TensorData } from '../../signature.js';
import { allocate } from '../../tensors.js';
import { elementSize } from './datatypes.js';

const LENGTH_BYTES = 4;

/**
 * Reads a tensor's elements from the binary form: little-endian, without padding; a text is its length in four bytes and
 * its UTF-8. The result is a copy with a buffer of its own. (The hosts we run on are little-endian themselves.)
 * @returns what is wrong, in words
 */
export function decodeBinaryData(
  type: ElementType,
  count: number,
  bytes: Uint8Array,
): { data: TensorData } | { wrong: string } {
  const size = elementSize(type);
  if (size === null) return decodeTexts(count, bytes);
  if (bytes.length !== count * size)
    return { wrong: `has ${bytes.length} bytes of data, its shape needs ${count * size}` };
  const data = allocate(type, count) as Uint8Array;
  new Uint8Array(data.buffer).set(bytes);
  if (type === 'bool' && data.some((value) => value > 1))
    return { wrong: 'has a byte that is neither 0 nor 1, so it is no BOOL' };
  return { data };
}

/** The elements of a tensor in the binary form. */
export function encodeBinaryData({ data }: Pick<NamedTensor, 'data'>): Uint8Array {
  if (!Array.isArray(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const encoder = new TextEncoder();
  const texts = data.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + LENGTH_BYTES);
    at += LENGTH_BYTES + text.length;
  }
  return bytes;
}

/** A text as the runtime can take it: valid UTF-8 without NUL; undefined for other bytes. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeTexts(count: number, bytes: Uint8Array): { data: string[] } | { wrong: string } {
  if (count * LENGTH_BYTES > bytes.length)
    return { wrong: `has ${bytes.length} bytes of data, too few for ${count} texts` };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const data: string[] = [];
  let at = 0;
  while (data.length < count) {
    if (at + LENGTH_BYTES > bytes.length) return { wrong: `ends before text ${data.length} of ${count}` };
    const from = at + LENGTH_BYTES;
    at = from + view.getUint32(at, true);
    if (at > bytes.length) return { wrong: `ends within text ${data.length} of ${count}` };
    const text = textOf(bytes.subarray(from, at));
    if (text === undefined)
      return { wrong: `has bytes in text ${data.length} that are not UTF-8 (without NUL)` };
    data.push(text);
  }
  return at === bytes.length ? { data } : { wrong: `has ${bytes.length - at} bytes too many` };
}
