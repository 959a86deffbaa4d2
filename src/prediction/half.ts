/**
 * Half-precision numbers (IEEE 754 binary16), which Node 20 has no array for: they travel as their 16 bits.
 */
const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** The 16 bits of the half nearest to a number, ties to even; what is too large becomes an infinity. */
export function toHalf(value: number): number {
  // From the double at once: rounding to single first could round twice.
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const scale =
    magnitude < 2 ** exponent ? exponent - 1 : magnitude >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  // A mantissa that rounds up to 2048 carries into the exponent, as it should.
  return sign | (((scale + 15) << 10) + roundToEven(magnitude * 2 ** (10 - scale)) - 1024);
}

/** The number that the 16 bits of a half stand for. */
export function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  singleBits[0] = ((bits & 0x8000) << 16) | ((exponent + 112) << 23) | (fraction << 13);
  return single[0] as number;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
