import { ActWriter } from '../../journal/acts.js';
import type { Database } from 'better-sqlite3';
import type { Applier, Place } from '../../journal/messages.js';
import {
  AUDIT_ERASE,
  AUDIT_HOLD,
  AUDIT_RELEASE,
  MAX_HOLDS,
  type ErasureRequest,
  type Hold,
} from './messages.js';
import type { Retention } from './retention.js';

/** What the caller is told of a hold, a release or an erasure. */
export type EntryResult = 'taken' | 'tooMany' | 'unknown';

/** Puts holds, releases and requests to erase on record. @returns who applies each kind of entry, in the journal thread */
export function retentionAppliers(database: Database, retention: Retention): Record<string, Applier> {
  const acts = new ActWriter(database);
  const { holds, erasures } = retention;
  const applier = (apply: (payload: unknown, place: Place) => EntryResult): Applier => ({
    apply,
    rolledBack: (): void => retention.forget(),
  });
  return {
    [AUDIT_HOLD]: applier((payload, place) => {
      const { time, ...said } = payload as Hold;
      if (holds.all.length >= MAX_HOLDS) return 'tooMany';
      acts.put(place, 'hold', said, time);
      holds.forget();
      return 'taken';
    }),
    [AUDIT_RELEASE]: applier((payload, place) => {
      const { id, time } = payload as { id: string; time: number };
      if (!holds.all.some((hold) => hold.id === id)) return 'unknown';
      acts.put(place, 'release', { id }, time);
      holds.forget();
      retention.holdsChanged();
      return 'taken';
    }),
    [AUDIT_ERASE]: applier((payload, place) => {
      const { time, ...request } = payload as ErasureRequest & { time: number };
      const asked = erasures.ask(request, time);
      if (!asked) return 'tooMany';
      acts.put(place, 'erasureAsked', asked, time);
      return 'taken';
    }),
  };
}
