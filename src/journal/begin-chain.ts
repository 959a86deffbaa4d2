import type { Database } from 'better-sqlite3';
import { ActWriter } from './acts.js';
import type { JournalWriter } from './journal-writer.js';

/**
 * Puts on record, where that is not there yet, after which `seq` the chain begins, and which key signs its checkpoints from now on.
 */
export function beginChain(database: Database, writer: JournalWriter, keyId: string): void {
  const acts = new ActWriter(database);
  const begun = database.prepare("SELECT 1 FROM journal_acts WHERE kind = 'begun' LIMIT 1").get();
  if (!begun) {
    writer.within((place) => acts.put(place, 'begun', { after: place.next - 1, keyId }));
    return;
  }
  const last = database
    .prepare(
      "SELECT json_extract(detail, '$.keyId') FROM journal_acts WHERE kind IN ('begun', 'key') ORDER BY seq DESC LIMIT 1",
    )
    .pluck()
    .get();
  if (last !== keyId) writer.within((place) => acts.put(place, 'key', { keyId }));
}
