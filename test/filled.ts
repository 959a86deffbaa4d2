/** A data folder with much on record, before a server has it. */
import { AUDIT_ENTITIES } from '../src/audit/audit.entity.js';
import { AuditWriter } from '../src/audit/audit-writer.js';
import { AUDIT_REQUEST } from '../src/audit/record.js';
import { takeDataFolder } from '../src/database/data-folder.js';
import { openWriter, rawConnection } from '../src/database/open.js';
import { beginChain } from '../src/journal/begin-chain.js';
import { JournalWriter } from '../src/journal/journal-writer.js';
import { SigningKey } from '../src/journal/signing-key.js';
import { NOON, request } from './record-folder.js';

const COMMIT = 500;

/** @param bytes of the input of each record */
export async function fill(dataDir: string, records: number, bytes: number): Promise<void> {
  const folder = takeDataFolder(dataDir);
  const source = await openWriter(dataDir, AUDIT_ENTITIES);
  const database = rawConnection(source);
  database.pragma('synchronous = OFF');
  const writer = new JournalWriter(database, { [AUDIT_REQUEST]: new AuditWriter(database) });
  beginChain(database, writer, SigningKey.open(dataDir).public.keyId);
  const input = JSON.stringify('x'.repeat(bytes));
  for (let from = 0; from < records; from += COMMIT) {
    const count = Math.min(COMMIT, records - from);
    writer.commit(Array.from({ length: count }, (_, n) => request({ at: NOON + from + n, input })));
  }
  await source.destroy();
  folder.close();
}
