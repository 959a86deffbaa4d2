import { fromHalf } from './half.js';
import type { ElementType } from './signature.js';

/** A value as it is kept until it goes into a tensor. */
export type Encoded = number | bigint | string;

const INTEGER_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 2 ** 32 - 1],
};

const LONG_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** The largest finite value of each type (IEEE 754: half, single, double). */
const FLOAT_LIMITS: Readonly<Record<string, number>> = {
  float16: 65504,
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
};

/** The least and the greatest value of an integer type; of the 64-bit ones as near as a number comes. */
export function integerRange(type: ElementType): readonly [number, number] {
  const [min, max] = INTEGER_RANGES[type] ?? (LONG_RANGES[type] as readonly [bigint, bigint]);
  return [Number(min), Number(max)];
}

/** What a value of each type must be, in words. */
export function expectation(type: ElementType): string {
  if (type === 'string') return 'must be a string (without NUL)';
  if (type === 'bool') return 'must be true or false';
  if (type.startsWith('float')) return 'must be a number';
  const [min, max] = INTEGER_RANGES[type] ?? (LONG_RANGES[type] as readonly [bigint, bigint]);
  return `must be a whole number from ${min} to ${max}`;
}

/** Whether a number of this type can be given by a JSON number and kept as one. */
export function isFloat(type: ElementType): boolean {
  return type === 'float16' || type === 'float32' || type === 'float64';
}

/** Largest magnitude of a finite number of a floating type. */
export function floatLimit(type: ElementType): number {
  return FLOAT_LIMITS[type] as number;
}

/**
 * Takes a JSON value as an element of `type`, exactly: nothing is rounded to an integer, cut to a range or read from a text,
 * but for what JSON cannot write (`"NaN"`, `"Infinity"`, `"-Infinity"`, 64-bit integers beyond 2^53 as a string of digits).
 * @returns undefined when it is none
 */
export function encodeValue(type: ElementType, value: unknown): Encoded | undefined {
  if (isFloat(type)) {
    if (typeof value === 'number') return Math.abs(value) <= floatLimit(type) ? value : undefined;
    return typeof value === 'string' ? SPECIAL.get(value) : undefined;
  }
  // A text with NUL would reach the model cut off.
  if (type === 'string') return typeof value === 'string' && !value.includes('\0') ? value : undefined;
  if (type === 'bool') return typeof value === 'boolean' ? Number(value) : undefined;
  const range = INTEGER_RANGES[type];
  if (range)
    return typeof value === 'number' && Number.isInteger(value) && value >= range[0] && value <= range[1]
      ? value
      : undefined;
  const long = toLong(value);
  const limits = LONG_RANGES[type] as readonly [bigint, bigint];
  return long !== undefined && long >= limits[0] && long <= limits[1] ? long : undefined;
}

function toLong(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** Reads the text of a query parameter as the JSON value that a body would have had; what does not fit stays a text. */
export function valueOfText(type: ElementType, text: string): unknown {
  if (type === 'string') return text;
  if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'int64' || type === 'uint64')
    return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
  return /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}

/** An element of a tensor as JSON (of `float16` its bits): NaN, the infinities and integers beyond 2^53 as strings. */
export function writeValue(type: ElementType, value: number | bigint | string): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') {
    const text = String(value);
    return value > 9007199254740991n || value < -9007199254740991n ? `"${text}"` : text;
  }
  if (type === 'bool') return value ? 'true' : 'false';
  if (type === 'float16') return writeValue('float32', fromHalf(value));
  return value - value === 0 ? String(value) : `"${value}"`;
}
