import type { ElementType } from '../../signature.js';
import { isObject } from '../json.js';
import type { RowCollector } from '../row-collector.js';

type Sizes = readonly (number | null)[];

/** Whether a value is TF Serving's `{"b64": "…"}`. */
export function isBase64(value: unknown): value is { b64: unknown } {
  return isObject(value) && Object.hasOwn(value, 'b64') && Object.keys(value).length === 1;
}

/**
 * Puts texts (for `string`, UTF-8) and bytes (for `uint8`, nested by `sizes`) in the place of each `{"b64": "…"}`; other types
 * have no such form. What cannot be decoded is reported and stays as it is.
 */
export function decodeBase64(
  value: unknown,
  type: ElementType,
  sizes: Sizes,
  pointer: string,
  rows: RowCollector,
): unknown {
  if (type !== 'string' && type !== 'uint8') return value;
  if (Array.isArray(value)) {
    const inner = sizes.slice(1);
    return value.map((item, index) => decodeBase64(item, type, inner, `${pointer}/${index}`, rows));
  }
  if (!isBase64(value)) return value;
  const bytes = bytesOf(value.b64);
  if (!bytes) {
    rows.explain(pointer, `${pointer}/b64`, 'must be base64');
    return value;
  }
  if (type === 'uint8') {
    const fitting = fit(sizes, bytes.length);
    if (fitting) return split([...bytes], fitting);
    rows.explain(pointer, `${pointer}/b64`, `holds ${bytes.length} bytes, which do not fit the input`);
    return value;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    rows.explain(pointer, `${pointer}/b64`, 'must be the base64 of a text in UTF-8');
    return value;
  }
}

/** Base64 (RFC 4648, section 4), with or without padding; undefined for anything else. */
function bytesOf(text: unknown): Buffer | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  const canonical = bytes.toString('base64');
  return text === canonical || text === canonical.replace(/=+$/, '') ? bytes : undefined;
}

/** The sizes of a tensor (one may be open) that holds so many elements; undefined where there are none. */
function fit(sizes: Sizes, length: number): number[] | undefined {
  const known = sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
  const open = sizes.filter((size) => size === null).length;
  const rest = known === 0 ? 0 : length / known;
  if (open > 1 || !Number.isInteger(rest) || (open === 0 && rest !== 1)) return undefined;
  return sizes.map((size) => size ?? rest);
}

/** Elements as the nested arrays of a tensor; the one element itself where it has no sizes. */
function split(flat: readonly number[], sizes: readonly number[]): unknown {
  const [size, ...inner] = sizes;
  if (size === undefined) return flat[0];
  if (inner.length === 0) return flat;
  const step = flat.length / size;
  return Array.from({ length: size }, (_, index) =>
    split(flat.slice(index * step, (index + 1) * step), inner),
  );
}
