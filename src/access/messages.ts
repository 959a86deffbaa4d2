import type { StoredKey } from './key.js';

/** The kinds under which the journal knows what is done to keys. */
export const KEY_MAKE = 'access.make';
export const KEY_REVOKE = 'access.revoke';
export const KEY_USES = 'access.uses';

/** The call of the journal thread that tells the keys, if anybody else has changed the file since. */
export const KEY_STATE = 'access.state';

export interface MakeEntry {
  key: StoredKey;
  most: number;
  /** Who asked for it; empty where nobody had to say who they are. */
  by: string;
}

export interface RevokeEntry {
  id: string;
  now: number;
  by: string;
}

/** When keys were used last, by their ids; epoch milliseconds. */
export type UsesEntry = readonly (readonly [id: string, time: number])[];

export interface KeyStateAsk {
  /** Whether all is to be told, also when nothing has changed. */
  all: boolean;
  most: number;
}

export interface KeyState {
  keys: StoredKey[];
  guarded: boolean;
  /** Why what the command line did could not be put on record. */
  fault?: string;
}
