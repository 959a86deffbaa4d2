/** Most faults that are named in one problem; a body of a million wrong values must not make an answer of that size. */
export const MAX_FAULTS = 100;

/** One fault of an input: where it is (a JSON pointer, RFC 6901) and what is wrong, in words for the caller. */
export interface Fault {
  pointer: string;
  detail: string;
}

/**
 * What kind of failure an error is. Modules choose a kind; only `http/` knows which status code it becomes.
 * - `malformed`: the bytes cannot be read as what they claim to be; `invalid`: they can, but say something impossible
 * - `unauthenticated`: nobody knows who asks; `forbidden`: it is known, and they may not
 * - `tooMany`: the caller is over its own limit; `unavailable`: the house is full or a part of it is down
 */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'badParameter'
  | 'invalid'
  | 'notFound'
  | 'methodNotAllowed'
  | 'notAcceptable'
  | 'requestTimeout'
  | 'conflict'
  | 'tooLarge'
  | 'uriTooLong'
  | 'headersTooLarge'
  | 'unsupportedMediaType'
  | 'tooMany'
  | 'notImplemented'
  | 'httpVersion'
  | 'unavailable'
  | 'internal';

export interface ErrorOptions {
  faults?: readonly Fault[];
  /** Seconds after which another try makes sense (`Retry-After`). */
  retryAfter?: number;
  /** The methods that the resource has (`Allow`). */
  allow?: readonly string[];
  /** How to say who one is (`WWW-Authenticate`), one challenge a scheme. */
  challenges?: readonly string[];
  /** The kinds of body that the resource takes (`Accept`). */
  accept?: readonly string[];
  /** The codings of a body that are known (`Accept-Encoding`). */
  acceptEncoding?: readonly string[];
  cause?: unknown;
}

/** An error meant to be told to a caller. `code` is stable and kebab-case; `message` is plain English and safe to show. */
export class OrielError extends Error {
  readonly faults: readonly Fault[];
  readonly retryAfter?: number;
  readonly allow?: readonly string[];
  readonly accept?: readonly string[];
  readonly challenges?: readonly string[];
  readonly acceptEncoding?: readonly string[];

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    detail: string,
    options: ErrorOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.faults = options.faults ?? [];
    this.retryAfter = options.retryAfter;
    this.allow = options.allow;
    this.accept = options.accept;
    this.challenges = options.challenges;
    this.acceptEncoding = options.acceptEncoding;
  }
}

/**
 * How many parts of an input are wrong, in a sentence. Nobody looks further once as many are named as may be,
 * so that how many more there are is not known.
 * @param what one of them, such as `value` @param whole what they are parts of
 */
export function countOfFaults({ length }: readonly Fault[], what: string, whole: string): string {
  if (length === 1) return `One ${what} of the ${whole} cannot be used.`;
  const all = `${length} ${what}s of the ${whole} cannot be used`;
  return length < MAX_FAULTS
    ? `${all}.`
    : `At least ${all}; what comes after the ${MAX_FAULTS} that are named was not looked at.`;
}

/** One token of a JSON pointer, escaped (RFC 6901, section 3). */
export function pointerToken(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
