import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Fewest and most characters of `ORIEL_ADMIN_KEY`. */
const LEAST = 16;
const MOST = 512;

/** A key that was given as a setting, of which only a keyed hash is left. */
export class HiddenKey {
  private readonly secret = randomBytes(32);
  private readonly digest: Buffer;

  constructor(text: string) {
    this.digest = this.digestOf(text);
  }

  /** Whether it is this key; takes the same time for each that is not. */
  is(text: string): boolean {
    return timingSafeEqual(this.digest, this.digestOf(text));
  }

  private digestOf(text: string): Buffer {
    return createHmac('sha256', this.secret).update(text).digest();
  }
}

/** @returns null for none, undefined for a text that cannot be a key: too short, or with characters that headers do not carry */
export function parseAdminKey(text: string): HiddenKey | null | undefined {
  if (text === '') return null;
  const fits = text.length >= LEAST && text.length <= MOST && /^[\x21-\x7e]+$/.test(text);
  return fits ? new HiddenKey(text) : undefined;
}

export const ADMIN_KEY_MUST = `must be ${LEAST} to ${MOST} visible ASCII characters without blanks`;
