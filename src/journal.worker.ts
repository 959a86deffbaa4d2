/** The journal thread: owns the data folder and the only writing connection. A composition root, so it may know every domain. */
import { workerData } from 'node:worker_threads';
import { AUDIT_ENTITIES } from './audit/audit.entity.js';
import { AuditWriter } from './audit/audit-writer.js';
import { AUDIT_OUTCOME } from './audit/outcomes/outcome.js';
import { OutcomeWriter } from './audit/outcomes/outcome-writer.js';
import { AUDIT_REQUEST } from './audit/record.js';
import { databaseFile, takeDataFolder } from './database/data-folder.js';
import { fileGuard } from './database/file-guard.js';
import { openWriter, rawConnection } from './database/open.js';
import { beginChain } from './journal/begin-chain.js';
import { JournalWriter } from './journal/journal-writer.js';
import type { JournalEntry, JournalThreadData } from './journal/messages.js';
import { leave, serve } from './threads/serve.js';

serve(async () => {
  const { dataDir } = workerData as JournalThreadData;
  const folder = takeDataFolder(dataDir);
  const source = await openWriter(dataDir, AUDIT_ENTITIES);
  const database = rawConnection(source);
  const writer = new JournalWriter(database, {
    [AUDIT_REQUEST]: new AuditWriter(database),
    [AUDIT_OUTCOME]: new OutcomeWriter(database),
  });
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
