import type { RecordOutcome } from '../record.js';
import type { LineBytes } from './line-bytes.js';
import type { PackedRow, Span } from './packed-row.js';
import { inputJson, isPlain, outputJson } from './payload-json.js';
import type { Named, SharedColumns } from './shared.js';

export type Cell = string | number | bigint | null;

/** A record, and what it has in common with others. */
export interface RecordCells {
  row: PackedRow;
  route: Named;
  caller: Named;
  version: Named;
  columns: SharedColumns | null;
  outcomes: readonly RecordOutcome[] | undefined;
}

export interface ExportColumn {
  name: string;
  /** What it holds, in the terms of Parquet. */
  type: 'INT64' | 'INT32' | 'DOUBLE' | 'STRING' | 'TIMESTAMP';
  nullable: boolean;
  /** Its cell; times are epoch milliseconds. Or, of texts that hardly ever come twice, what writes one: false for null. */
  of: ((cells: RecordCells) => Cell) | { put: (out: LineBytes, cells: RecordCells) => boolean };
}

const text = (name: string, of: ExportColumn['of'], nullable = true): ExportColumn => ({
  name,
  type: 'STRING',
  nullable,
  of,
});
const milliseconds = (us: number | null): number | null => (us === null ? null : us / 1000);

function putSpan(out: LineBytes, { bytes }: PackedRow, { from, to, none }: Span): boolean {
  if (!none) out.copy(bytes, from, to);
  return !none;
}

function putText(out: LineBytes, json: string | null): boolean {
  if (json !== null) out.text(json);
  return json !== null;
}

function putInput(out: LineBytes, { row, columns }: RecordCells): boolean {
  const { bytes, input, rare } = row;
  if (!columns && isPlain(row, input)) return putSpan(out, row, input);
  const whole = columns && !input.none && rare.truncated === null;
  if (whole && out.values(bytes, input.from, input.to, columns.marks, false)) return true;
  return putText(out, inputJson(row, columns));
}

function putOutput(out: LineBytes, { row }: RecordCells): boolean {
  return isPlain(row, row.output) ? putSpan(out, row, row.output) : putText(out, outputJson(row));
}

function putId(out: LineBytes, { row }: RecordCells): boolean {
  out.uuid(row.bytes, row.id);
  return true;
}

/** The members of a record as the columns of a table; those of `latency` have names of their own. */
export const EXPORT_COLUMNS: readonly ExportColumn[] = [
  text('id', { put: putId }, false),
  { name: 'seq', type: 'INT64', nullable: false, of: ({ row }) => row.seq },
  { name: 'time', type: 'TIMESTAMP', nullable: false, of: ({ row }) => row.arrival },
  { name: 'completedAt', type: 'TIMESTAMP', nullable: false, of: ({ row }) => row.completed },
  { name: 'latencyTotal', type: 'DOUBLE', nullable: false, of: ({ row }) => row.totalUs / 1000 },
  { name: 'latencyQueue', type: 'DOUBLE', nullable: true, of: ({ row }) => milliseconds(row.queueUs) },
  { name: 'latencyRun', type: 'DOUBLE', nullable: true, of: ({ row }) => milliseconds(row.runUs) },
  text('method', ({ route }) => route.method ?? '', false),
  text('route', ({ route }) => route.route ?? null),
  text('path', ({ route }) => route.path ?? null),
  { name: 'status', type: 'INT32', nullable: false, of: ({ row }) => row.status },
  text('outcome', ({ row }) => row.text(row.outcome) ?? '', false),
  text('problem', ({ row }) => row.rare.problem),
  text('principal', ({ caller }) => caller.principal ?? null),
  text('source', ({ caller }) => caller.source ?? null),
  text('userAgent', ({ caller }) => caller.userAgent ?? null),
  text('traceId', { put: (out, { row }) => putSpan(out, row, row.traceId) }),
  text('clientRequestId', { put: (out, { row }) => putSpan(out, row, row.clientRequestId) }),
  text('model', ({ version }) => version.model ?? null),
  text('version', ({ version }) => version.version ?? null),
  text('digest', ({ version }) => version.digest ?? null),
  { name: 'batch', type: 'INT32', nullable: true, of: ({ row }) => row.batch },
  text('cache', ({ row }) => row.rare.cache),
  // JSON texts.
  text('input', { put: putInput }),
  text('output', { put: putOutput }),
  text('truncated', ({ row: { rare } }) => rare.truncated && rare.truncated.join(' ')),
  text('redacted', ({ row: { rare } }) => rare.redacted && rare.redacted.join(' ')),
  { name: 'lost', type: 'INT64', nullable: true, of: ({ row }) => row.rare.lost },
  text('outcomes', ({ outcomes }) => (outcomes ? JSON.stringify(outcomes) : null)),
];
