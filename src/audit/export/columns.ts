import type { ExportedRecord } from './exported.js';

export type Cell = string | number | Date | null;

export interface ExportColumn {
  name: string;
  /** What it holds, in the terms of Parquet. */
  type: 'INT64' | 'INT32' | 'DOUBLE' | 'STRING' | 'TIMESTAMP';
  nullable: boolean;
  of: (record: ExportedRecord) => Cell;
}

const text = (name: string, of: ExportColumn['of'], nullable = true): ExportColumn => ({
  name,
  type: 'STRING',
  nullable,
  of,
});
const milliseconds = (us: number | null): number | null => (us === null ? null : us / 1000);

/** The members of a record as the columns of a table; those of `latency` have names of their own. */
export const EXPORT_COLUMNS: readonly ExportColumn[] = [
  text('id', ({ id }) => id, false),
  { name: 'seq', type: 'INT64', nullable: false, of: ({ seq }) => seq },
  { name: 'time', type: 'TIMESTAMP', nullable: false, of: ({ arrival }) => new Date(arrival) },
  { name: 'completedAt', type: 'TIMESTAMP', nullable: false, of: ({ completed }) => new Date(completed) },
  { name: 'latencyTotal', type: 'DOUBLE', nullable: false, of: ({ totalUs }) => totalUs / 1000 },
  { name: 'latencyQueue', type: 'DOUBLE', nullable: true, of: ({ queueUs }) => milliseconds(queueUs) },
  { name: 'latencyRun', type: 'DOUBLE', nullable: true, of: ({ runUs }) => milliseconds(runUs) },
  text('method', ({ route }) => route.method, false),
  text('route', ({ route }) => route.route),
  text('path', ({ path }) => path),
  { name: 'status', type: 'INT32', nullable: false, of: ({ status }) => status },
  text('outcome', ({ outcome }) => outcome, false),
  text('problem', ({ problem }) => problem),
  text('principal', ({ caller }) => caller.principal),
  text('source', ({ caller }) => caller.source),
  text('userAgent', ({ caller }) => caller.userAgent),
  text('traceId', ({ traceId }) => traceId),
  text('clientRequestId', ({ clientRequestId }) => clientRequestId),
  text('model', ({ version }) => version.model),
  text('version', ({ version }) => version.version),
  text('digest', ({ version }) => version.digest),
  { name: 'batch', type: 'INT32', nullable: true, of: ({ batch }) => batch },
  text('cache', ({ cache }) => cache),
  // JSON texts.
  text('input', ({ input }) => input),
  text('output', ({ output }) => output),
  text('truncated', ({ truncated }) => truncated && truncated.join(' ')),
  text('redacted', ({ redacted }) => redacted && redacted.join(' ')),
  { name: 'lost', type: 'INT64', nullable: true, of: ({ lost }) => lost },
  text('outcomes', ({ outcomes }) => (outcomes ? JSON.stringify(outcomes) : null)),
];
