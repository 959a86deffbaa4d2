import { ROUND_TRIPS } from './round-trips.js';

/** Given back, it makes the same inputs; `FUZZ_INPUTS` are tried in all. */
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 7000);
const LONGEST_MS = 600_000;

const laws = Object.entries(ROUND_TRIPS);
test.each(laws)(
  '%s',
  (_name, law) => law({ seed: SEED, numRuns: Math.ceil(INPUTS / laws.length) }),
  LONGEST_MS,
);
