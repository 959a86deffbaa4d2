import type { Role } from '../http/areas.js';

/** A key as it is asked for. Times are epoch milliseconds. */
export interface AskedKey {
  name: string;
  roles: readonly Role[];
  /** Patterns of names; null for all. */
  models: readonly string[] | null;
  streams: readonly string[] | null;
  /** From when on it is none any more; null for never. */
  expires: number | null;
}

/** A key as it is kept: of the key itself only a keyed hash. */
export interface StoredKey extends AskedKey {
  /** UUIDv7. */
  id: string;
  created: number;
  lastUsed: number | null;
  /** Hexadecimal. */
  digest: string;
}

/** What makes a text one of our keys to whoever finds it where it should not be. */
export const KEY_PREFIX = 'oriel_';

/** A key as its owner is shown it, with whatever else is told. */
export function shownKey({
  id,
  name,
  roles,
  models,
  streams,
  created,
  expires,
  lastUsed,
}: StoredKey): object {
  const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    id,
    name,
    roles,
    models,
    streams,
    created: time(created),
    expires: time(expires),
    lastUsed: time(lastUsed),
  };
}
