import { resolve } from 'node:path';
import { z } from 'zod';
import { parseBytes, parseDuration } from '../units.js';

/** One setting: the variable it is read from, its default as one would write it, what it must be, what it means. */
export interface Definition<T> {
  variable: string;
  default: string;
  schema: z.ZodType<T, string>;
  meaning: string;
  /** How the documentation shows a default that depends on the machine. */
  shownDefault?: string | undefined;
  /** Never shown, and no option of the command line, which others can read. */
  secret?: true;
  /** A variable by a common name that is read where ours is not set. */
  commonVariable?: string | undefined;
}

export function setting<T>(
  variable: string,
  fallback: string,
  schema: z.ZodType<T, string>,
  meaning: string,
  shownDefault?: string,
  commonVariable?: string,
): Definition<T> {
  return { variable, default: fallback, schema, meaning, shownDefault, commonVariable };
}

/** A setting whose value nobody is to see. */
export function secret<T>(definition: Definition<T>): Definition<T> {
  return { ...definition, secret: true };
}

export function refined<T>(parse: (text: string) => T | undefined, must: string): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: must });
    return z.NEVER;
  });
}

export const text = (): z.ZodType<string, string> => z.string().min(1, 'must not be empty');
export const path = (): z.ZodType<string, string> => text().transform((value) => resolve(value));
export const bytes = (): z.ZodType<number, string> =>
  refined(parseBytes, 'must be a size such as 65536, 64KiB or 16MiB');
/** Node's timers take no longer wait: 2^31 - 1 ms; what is above it would be over at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
export const duration = (): z.ZodType<number, string> =>
  refined(parseDuration, 'must be a duration such as 250ms, 10s or 1m30s').refine(
    (ms) => ms <= LONGEST_TIMER,
    'must be at most 24 days',
  );
/** How old something may become; no timer waits for it. */
export const age = (): z.ZodType<number, string> =>
  refined(parseDuration, 'must be an age such as 12h or 90d');
/** A size, or 0 for none; below `least` nothing would fit. */
export const cap = (least: number, must: string): z.ZodType<number, string> =>
  bytes().refine((size) => size === 0 || size >= least, must);
export const integer = (min: number, max: number): z.ZodType<number, string> =>
  refined(
    (value) =>
      /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
    `must be a whole number from ${min} to ${max}`,
  );
export const amount = (): z.ZodType<number, string> =>
  refined(
    (value) => (/^\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : undefined),
    'must be an amount such as 0.04',
  );
export const oneOf = <const T extends string>(...values: T[]): z.ZodType<T, string> =>
  refined((value) => values.find((known) => known === value), `must be one of ${values.join(', ')}`);
export const flag = (): z.ZodType<boolean, string> =>
  refined(
    (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
    'must be true or false',
  );
