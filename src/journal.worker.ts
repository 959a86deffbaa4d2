/** The journal thread: owns the data folder and the only writing connection. A composition root, so it may know every domain. */
import { workerData } from 'node:worker_threads';
import type { DataSource } from 'typeorm';
import { AUDIT_ENTITIES } from './audit/audit.entity.js';
import { AuditWriter } from './audit/audit-writer.js';
import { AUDIT_REQUEST } from './audit/record.js';
import { databaseFile, takeDataFolder } from './database/data-folder.js';
import { fileGuard } from './database/file-guard.js';
import { openWriter, rawConnection } from './database/open.js';
import { beginChain } from './journal/begin-chain.js';
import { JournalWriter } from './journal/journal-writer.js';
import type { JournalEntry, JournalThreadData } from './journal/messages.js';
import { leave, serve } from './threads/serve.js';

/** @throws FileGoneError when this thread replaces another, and the file that one wrote to is no longer there */
async function openAgain(dataDir: string, again: boolean): Promise<DataSource> {
  if (again) fileGuard(databaseFile(dataDir));
  return openWriter(dataDir, AUDIT_ENTITIES);
}

serve(async () => {
  const { dataDir, again } = workerData as JournalThreadData;
  const folder = takeDataFolder(dataDir);
  const source = await openAgain(dataDir, again).catch((error: unknown) => {
    folder.close();
    throw error;
  });
  const database = rawConnection(source);
  const writer = new JournalWriter(database, { [AUDIT_REQUEST]: new AuditWriter(database) });
  beginChain(database, writer);
  const checkFile = fileGuard(databaseFile(dataDir));
  return {
    commit: (entries: readonly JournalEntry[]) => {
      checkFile();
      return writer.commit(entries);
    },
    probe: () => {
      checkFile();
      writer.probe();
    },
    close: async () => {
      await source.destroy();
      folder.close();
      leave();
    },
  };
});
