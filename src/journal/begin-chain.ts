import type { Database } from 'better-sqlite3';
import { ActWriter } from './acts.js';
import type { JournalWriter } from './journal-writer.js';

/** Puts the first act on record, where there is none: after which `seq` the chain begins. */
export function beginChain(database: Database, writer: JournalWriter): void {
  if (database.prepare('SELECT 1 FROM journal_acts LIMIT 1').get()) return;
  const acts = new ActWriter(database);
  writer.within((place) => acts.put(place, 'begun', { after: place.next - 1 }));
}
