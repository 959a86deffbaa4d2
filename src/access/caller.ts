import type { Permissions } from './permissions.js';
import type { StoredKey } from './key.js';

/** Someone who proved who they are. */
export interface Caller {
  /** Under which the record knows them. */
  principal: string;
  /** What no two callers share, for what is counted. */
  id: string;
  permissions: Permissions;
  /** From when on the proof is none any more, in epoch milliseconds; Infinity for never. */
  until: number;
  /** The key that was the proof, where it is one that is kept. */
  key: StoredKey | null;
}
