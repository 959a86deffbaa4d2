/** A reader thread: answers queries on a read-only connection. A composition root, so it may know every domain. */
import { workerData } from 'node:worker_threads';
import { AUDIT_ENTITIES } from './audit/audit.entity.js';
import { AuditQueries, type RecordPageQuery } from './audit/audit-queries.js';
import { ExportJob, type ExportQuery } from './audit/export/export-job.js';
import { QualityQueries, type QualityQuery } from './audit/outcomes/quality-queries.js';
import { RecordPages } from './audit/record-pages.js';
import type { RecordRange } from './audit/record-range.js';
import { Verifier } from './audit/verification/verifier.js';
import { witnessBeside } from './audit/verification/witness.js';
import { erasureOf } from './audit/retention/erasures.js';
import { holdsInForce } from './audit/retention/holds.js';
import { StatsQueries, type StatsQuery } from './audit/stats-queries.js';
import { openReader, rawConnection } from './database/open.js';
import type { ReaderThreadData } from './database/messages.js';
import { goBehindOthers } from './threads/priority.js';
import { HandedOver, leave, serve } from './threads/serve.js';
import { PredictionEvent } from './windows/queries/prediction-event.js';
import { streamReads } from './windows/queries/stream-reads.js';
import { streamCore } from './windows/storage/stream-core.js';

serve(async () => {
  const { dataDir, long = false } = workerData as ReaderThreadData;
  goBehindOthers(long ? 'far' : 'near'); // who asks the record must not keep those waiting who ask a model
  const source = await openReader(dataDir, AUDIT_ENTITIES);
  const events = new PredictionEvent(rawConnection(source));
  const audit = new AuditQueries(source, (seq) => events.of(seq));
  const pages = new RecordPages(source);
  const stats = new StatsQueries(source);
  const outcomes = new QualityQueries(rawConnection(source));
  let job: ExportJob | null = null;
  return {
    'audit.page': (query: RecordPageQuery) => pages.page(query),
    'audit.lastAct': () => audit.lastAct(),
    'audit.stats': (query: StatsQuery) => stats.stats(query),
    'audit.one': (id: string) => audit.one(id),
    'outcomes.quality': (query: QualityQuery) => outcomes.quality(query),
    'audit.verify': (range: RecordRange) =>
      new Verifier(rawConnection(source), witnessBeside(dataDir)).verify(range),
    'audit.checkpoints': () => witnessBeside(dataDir).checkpoints.slice(-1000).reverse(),
    'audit.holds': () => holdsInForce(rawConnection(source)),
    'audit.erasure': (id: string) => erasureOf(rawConnection(source), id),
    'export.open': (query: ExportQuery) => {
      job = new ExportJob(source, query);
    },
    'export.next': () => {
      const bytes = job?.next() ?? null;
      if (bytes === null) job = null;
      return bytes && new HandedOver(bytes);
    },
    'export.close': () => {
      job = null;
    },
    ...streamReads(rawConnection(source), streamCore),
    close: async () => {
      await source.destroy();
      leave();
    },
  };
});
