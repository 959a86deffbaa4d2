import type { Database } from 'better-sqlite3';
import { ActWriter } from '../journal/acts.js';
import type { JournalWriter } from '../journal/journal-writer.js';
import type { Applier, Place } from '../journal/messages.js';
import type { StoredKey } from './key.js';
import { KeyTable, type KeyResult } from './key-table.js';
import {
  KEY_MAKE,
  KEY_REVOKE,
  KEY_USES,
  type KeyState,
  type KeyStateAsk,
  type MakeEntry,
  type RevokeEntry,
  type UsesEntry,
} from './messages.js';

/** Who did what was done on the data folder itself. */
const COMMAND = 'command line';

/** Keys, as the journal thread keeps them: what is done to them is on record, in the same transaction. */
export class KeyKeeper {
  private readonly table: KeyTable;
  private readonly acts: ActWriter;
  /** SQLite's count of the changes that others made to the file; null before the first look. */
  private seen: number | null = null;

  constructor(private readonly database: Database) {
    this.table = new KeyTable(database);
    this.acts = new ActWriter(database);
  }

  get appliers(): Record<string, Applier> {
    const applier = (apply: (payload: never, place: Place) => KeyResult | undefined): Applier => ({
      apply: (payload, place) => apply(payload as never, place),
      rolledBack: () => undefined,
    });
    return {
      [KEY_MAKE]: applier(({ key, most, by }: MakeEntry, place) => {
        const result = this.table.insert(key, most, true);
        if (result === 'done') this.tellMade(place, key, by);
        return result;
      }),
      [KEY_REVOKE]: applier(({ id, now, by }: RevokeEntry, place) => {
        const result = this.table.revoke(id, now);
        if (result !== 'done') return result;
        this.table.remove(id);
        this.acts.put(place, 'keyRevoked', { id, by }, now);
        return result;
      }),
      [KEY_USES]: applier((uses: UsesEntry) => {
        for (const [id, time] of uses) this.table.noteUse(id, time);
        return undefined;
      }),
    };
  }

  /**
   * The keys as they are now. What the command line did to them is put on record on the way.
   * @returns null when nobody else has changed the file since the last time, unless all is asked for
   */
  state(writer: Pick<JournalWriter, 'within'>, { all, most }: KeyStateAsk): KeyState | null {
    const version = this.database.pragma('data_version', { simple: true }) as number;
    if (!all && version === this.seen) return null;
    const keys = this.table.all(most);
    const { guarded } = this.table;
    try {
      this.tellUntold(writer);
      this.seen = version;
      return { keys, guarded };
    } catch (error) {
      // The keys hold as they are, and it is tried again: a revocation does not wait for a disk.
      return { keys, guarded, fault: error instanceof Error ? error.message : String(error) };
    }
  }

  private tellUntold(writer: Pick<JournalWriter, 'within'>): void {
    const untold = this.table.untold();
    if (untold.length === 0) return;
    writer.within((place) => {
      for (const { key, made, revoked } of untold) {
        if (made) {
          this.tellMade(place, key, COMMAND);
          this.table.noteTold(key.id);
        }
        if (revoked === null) continue;
        this.acts.put(place, 'keyRevoked', { id: key.id, by: COMMAND }, revoked);
        this.table.remove(key.id);
      }
    });
  }

  private tellMade(
    place: Place,
    { digest: _digest, lastUsed: _lastUsed, created, ...said }: StoredKey,
    by: string,
  ): void {
    this.acts.put(place, 'keyMade', { ...said, by }, created);
  }
}
