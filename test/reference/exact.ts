/** Arithmetic without rounding on the numbers of JSON: each is a whole number of 2^-1074. */

const UNIT = 1074;

/** What `x` is, in units of 2^-1074. */
export function exact(x: number): bigint {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is not a number of JSON`);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & ((1n << 52n) - 1n);
  const magnitude = exponent === 0 ? fraction : ((1n << 52n) | fraction) << BigInt(exponent - 1);
  return word >> 63n === 1n ? -magnitude : magnitude;
}

/** The double nearest to `numerator / denominator`, up to its last bit or two. */
function quotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  if (numerator < 0n) return -quotient(-numerator, denominator);
  const shift = 72 - 4 * (numerator.toString(16).length - denominator.toString(16).length);
  const scaled =
    shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  const half = Math.trunc(shift / 2); // in two steps, since 2^-shift alone may be beyond a double
  return Number(scaled) * 2 ** -half * 2 ** -(shift - half);
}

const total = (values: readonly number[]): bigint => values.reduce((sum, one) => sum + exact(one), 0n);

export function exactSum(values: readonly number[]): number {
  return quotient(total(values), 1n << BigInt(UNIT));
}

export function exactMean(values: readonly number[]): number {
  return quotient(total(values), BigInt(values.length) << BigInt(UNIT));
}

/** Of the population: (n Σx² − (Σx)²) / n². */
export function exactVariance(values: readonly number[]): number {
  const n = BigInt(values.length);
  const sum = total(values);
  const squares = values.reduce((all, one) => all + exact(one) ** 2n, 0n);
  return quotient(n * squares - sum * sum, (n * n) << BigInt(2 * UNIT));
}
