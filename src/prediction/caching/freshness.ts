import { createHash } from 'node:crypto';
import type { ModelVersion } from '../model-version.js';

/** How a model lets HTTP and the server keep its answers. */
export interface Freshness {
  /** Milliseconds for which an answer may be used again without asking. */
  maxAge: number;
  /** Whether caches that serve several callers may keep it. */
  public: boolean;
}

/** `Cache-Control` of a prediction: by default it is the caller's own and asked for again, so that each use is recorded. */
export function cacheControl({ maxAge, public: shared }: Freshness, random: boolean): string {
  if (random) return 'no-store';
  return `${shared ? 'public' : 'private'}, ${maxAge > 0 ? `max-age=${Math.floor(maxAge / 1000)}` : 'no-cache'}`;
}

/** Names an answer before there is one: a prediction is a function of the model file, the version's name and the input. */
export function answerKey({ parts }: ModelVersion, input: string): string {
  return createHash('sha256')
    .update(`${parts.model}\n${parts.version}\n${parts.digest}\njson\n`)
    .update(input)
    .digest('base64url');
}

/** The strong entity tag of the answer with a key. */
export function entityTag(key: string): string {
  return `"${key.slice(0, 27)}"`;
}

/** What the keys of a model file's results begin with in the server's cache, so that they can be dropped with it. */
export function cachePrefix(digest: string): string {
  return `${digest.slice(0, 16)}/`;
}

/**
 * The key of a version's result in the server's cache. What one caller was answered is never given to another, unless the
 * model is public.
 * @param principal who asks; empty while nobody has to say
 */
export function cacheKey({ parts: { digest, cache } }: ModelVersion, key: string, principal: string): string {
  const caller = cache.public ? '' : principal;
  const own = caller === '' ? key : createHash('sha256').update(`${caller}\n${key}`).digest('base64url');
  return cachePrefix(digest) + own;
}
