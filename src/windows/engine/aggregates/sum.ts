/**
 * Adds to a compensated sum, kept in two places of `lanes`: the rounded sum, and what rounding has lost so far.
 * The loss of one addition is found without error by Knuth's TwoSum; the sum of the losses is what Neumaier (1974) adds back.
 */
export function addTo(lanes: number[], at: number, value: number): void {
  const before = lanes[at] as number;
  const sum = before + value;
  const taken = sum - before;
  lanes[at] = sum;
  lanes[at + 1] = (lanes[at + 1] as number) + (before - (sum - taken) + (value - taken));
}

/** What a compensated sum says. One that left the range of doubles stays infinite. */
export function sumOf(lanes: readonly number[], at: number): number {
  const sum = lanes[at] as number;
  const total = sum + (lanes[at + 1] as number);
  return Number.isFinite(sum) ? total : sum;
}

/** Adds one compensated sum to another. */
export function mergeSums(into: number[], at: number, from: readonly number[], fromAt: number): void {
  addTo(into, at, from[fromAt] as number);
  into[at + 1] = (into[at + 1] as number) + (from[fromAt + 1] as number);
}
