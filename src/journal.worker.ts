/** The journal thread: owns the data folder and the only writing connection. A composition root, so it may know every domain. */
import { workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { KeyKeeper } from './access/key-entries.js';
import { KEY_STATE, type KeyStateAsk } from './access/messages.js';
import { AUDIT_ENTITIES } from './audit/audit.entity.js';
import { AuditWriter } from './audit/audit-writer.js';
import { AUDIT_OUTCOME } from './audit/outcomes/outcome.js';
import { OutcomeWriter } from './audit/outcomes/outcome-writer.js';
import { AUDIT_REQUEST } from './audit/record.js';
import { RETENTION_STEP, type RetentionLimits } from './audit/retention/messages.js';
import { retentionAppliers } from './audit/retention/retention-entries.js';
import { Retention } from './audit/retention/retention.js';
import { databaseFile, takeDataFolder } from './database/data-folder.js';
import { fileGuard } from './database/file-guard.js';
import { openWriter, rawConnection } from './database/open.js';
import { beginChain } from './journal/begin-chain.js';
import { CheckpointWriter } from './journal/checkpoints.js';
import { SigningKey } from './journal/signing-key.js';
import { JournalWriter } from './journal/journal-writer.js';
import type { CommitReply, JournalEntry, JournalThreadData } from './journal/messages.js';
import { JsonLogger } from './logging/json-logger.js';
import { leave, serve } from './threads/serve.js';
import { openQueryOf } from './windows/key-values.js';
import {
  STREAM_CLOCK,
  STREAM_HOUSEKEEPING,
  STREAM_OPEN,
  STREAM_WAKE,
  type StreamClockQuery,
  type StreamHousekeepingAsk,
  type StreamOpenAsk,
} from './windows/messages.js';
import { streamCore } from './windows/storage/stream-core.js';
import { StreamStore } from './windows/storage/stream-store.js';

/** @throws FileGoneError when this thread replaces another, and the file that one wrote to is no longer there */
async function openAgain(dataDir: string, again: boolean): Promise<DataSource> {
  if (again) fileGuard(databaseFile(dataDir));
  return openWriter(dataDir, AUDIT_ENTITIES, (step, number, of) =>
    new JsonLogger('info').log(
      {
        msg: 'the database is upgraded; it may take minutes where there are millions of records',
        step,
        number,
        of,
      },
      'Database',
    ),
  );
}

/** What goes from the record goes from what was learnt of it, and from the streams, too. */
function retentionOf(database: Database, audit: AuditWriter, streams: StreamStore): Retention {
  return new Retention(
    database,
    () => audit.forget(),
    (removed) => streams.erase(removed),
  );
}

/** What is asked of streams, and writes nothing. */
function streamCalls(streams: StreamStore): Record<string, (asked: never) => unknown> {
  return {
    [STREAM_CLOCK]: (asked: StreamClockQuery) => streams.clock(asked),
    [STREAM_OPEN]: ({ name, query }: StreamOpenAsk) => streams.open({ name, query: openQueryOf(query) }),
    [STREAM_WAKE]: () => streams.wake(),
  };
}

function committed(
  writer: JournalWriter,
  entries: readonly JournalEntry[],
  checkFile: () => void,
): CommitReply {
  const began = performance.now();
  checkFile();
  const answers = writer.commit(entries);
  return { answers, seq: writer.tip.seq, ms: performance.now() - began };
}

serve(async () => {
  const { dataDir, again } = workerData as JournalThreadData;
  const folder = takeDataFolder(dataDir);
  const source = await openAgain(dataDir, again).catch((error: unknown) => {
    folder.close();
    throw error;
  });
  const database = rawConnection(source);
  const streams = new StreamStore(database, streamCore);
  const audit = new AuditWriter(database, streams.predictions);
  const retention = retentionOf(database, audit, streams);
  const keys = new KeyKeeper(database);
  const writer = new JournalWriter(database, {
    ...keys.appliers,
    [AUDIT_REQUEST]: audit,
    [AUDIT_OUTCOME]: new OutcomeWriter(database),
    ...retentionAppliers(database, retention),
    ...streams.appliers,
  });
  const key = SigningKey.open(dataDir);
  beginChain(database, writer, key.public.keyId);
  streams.begin(writer, Date.now());
  const checkpoints = new CheckpointWriter(dataDir, key);
  const checkFile = fileGuard(databaseFile(dataDir));
  return {
    commit: (entries: readonly JournalEntry[]) => committed(writer, entries, checkFile),
    tip: () => writer.tip.seq,
    probe: () => {
      checkFile();
      writer.probe();
    },
    key: () => key.public,
    checkpoint: () => checkpoints.write(writer.tip),
    [RETENTION_STEP]: (limits: RetentionLimits) => {
      checkFile();
      return retention.step(writer, limits, Date.now());
    },
    [KEY_STATE]: (asked: KeyStateAsk) => keys.state(writer, asked),
    ...streamCalls(streams),
    [STREAM_HOUSEKEEPING]: ({ now, figures }: StreamHousekeepingAsk) => {
      checkFile();
      return streams.keep(writer, now, figures);
    },
    close: async () => {
      try {
        streams.close(writer);
        return checkpoints.write(writer.tip);
      } finally {
        await source.destroy();
        folder.close();
        leave();
      }
    },
  };
});
