import { EXPORT_COLUMNS } from './columns.js';
import { csvCell } from './csv-cell.js';
import type { ExportedRecord } from './exported.js';
import { isoTime } from './iso-time.js';

export function csvHead(): string {
  return `${EXPORT_COLUMNS.map(({ name }) => name).join(',')}\r\n`;
}

/** A record as one line of RFC 4180, with the cells of `EXPORT_COLUMNS`. */
export function csvLine(record: ExportedRecord): string {
  const {
    seq,
    status,
    outcome,
    problem,
    totalUs,
    queueUs,
    runUs,
    batch,
    cache,
    traceId,
    clientRequestId,
    lost,
  } = record;
  const { route, caller, version, truncated, redacted, outcomes } = record;
  return (
    `${record.id},${seq},${isoTime(record.arrival)},${isoTime(record.completed)},` +
    `${totalUs / 1000},${milliseconds(queueUs)},${milliseconds(runUs)},` +
    `${route.texts.csv},${csvCell(record.path)},${status},${outcome},${csvCell(problem)},${caller.texts.csv},` +
    `${csvCell(traceId)},${csvCell(clientRequestId)},${version.texts.csv},${batch ?? ''},${csvCell(cache)},` +
    `${csvCell(record.input)},${csvCell(record.output)},${truncated ? truncated.join(' ') : ''},` +
    `${redacted ? redacted.join(' ') : ''},${lost ?? ''},${outcomes ? csvCell(JSON.stringify(outcomes)) : ''}\r\n`
  );
}

function milliseconds(us: number | null): string {
  return us === null ? '' : String(us / 1000);
}
