/** Numbers of 16 bits (IEEE 754 binary16) as their bits: what the runtime takes and gives for `float16`. */
const SIGN = 0x8000;
const INFINITE = 0x7c00;
const NOT_A_NUMBER = 0x7e00;
const LEAST_NORMAL = 2 ** -14;
const LEAST = 2 ** -24;
/** From here on a number is nearer to the infinity than to the largest finite half, 65504. */
const TOO_LARGE = 65520;

/** The bits of the half that is nearest to a number, the even one of two that are. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  const sign = value < 0 || Object.is(value, -0) ? SIGN : 0;
  const size = Math.abs(value);
  if (size >= TOO_LARGE) return sign | INFINITE;
  if (size < LEAST_NORMAL) return sign | roundEven(size / LEAST);
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent--; // log2 may round up
  const mantissa = roundEven(size / 2 ** (exponent - 10)); // 1024 to 2048: the last carries into the exponent
  return sign | (((exponent + 15) << 10) + mantissa - 1024);
}

/** The number that the bits of a half stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & SIGN ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * mantissa * LEAST : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
