import { AUDIT_ENTITIES } from '../../src/audit/audit.entity.js';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import { AUDIT_REQUEST } from '../../src/audit/record.js';
import { takeDataFolder } from '../../src/database/data-folder.js';
import { openWriter, rawConnection } from '../../src/database/open.js';
import { beginChain } from '../../src/journal/begin-chain.js';
import { CheckpointWriter } from '../../src/journal/checkpoints.js';
import { JournalWriter } from '../../src/journal/journal-writer.js';
import type { JournalEntry } from '../../src/journal/messages.js';
import { SigningKey } from '../../src/journal/signing-key.js';
import { Traffic, type TrafficOptions } from './traffic.js';

/** Makes a data folder with the traffic on record. @param batch records in a commit; `told` hears how many are written */
export async function seed(
  out: string,
  traffic: TrafficOptions,
  batch: number,
  told: (written: number) => void = () => undefined,
): Promise<void> {
  const folder = takeDataFolder(out);
  const source = await openWriter(out, AUDIT_ENTITIES);
  const database = rawConnection(source);
  database.pragma('synchronous = OFF'); // a seed that a crash spoils is made again
  database.pragma('cache_size = -262144');
  const writer = new JournalWriter(database, { [AUDIT_REQUEST]: new AuditWriter(database) });
  const key = SigningKey.open(out);
  beginChain(database, writer, key.public.keyId);
  let written = 0;
  let entries: JournalEntry[] = [];
  let now = 0;
  const commit = (): void => {
    const faults = writer.commit(entries, now);
    if (faults) throw new Error(`records could not be written: ${JSON.stringify(faults.find(Boolean))}`);
    written += entries.length;
    entries = [];
    told(written);
  };
  for (const record of new Traffic(traffic).records()) {
    entries.push([AUDIT_REQUEST, record.tuple]);
    now = record.completed;
    if (entries.length === batch) commit();
  }
  if (entries.length > 0) commit();
  new CheckpointWriter(out, key).write(writer.tip);
  database.pragma('wal_checkpoint(TRUNCATE)');
  await source.destroy();
  folder.close();
}
