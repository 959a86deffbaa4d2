import { isoTime } from './iso-time.js';
import type { ExportedRecord } from './exported.js';

/** A record as one line: the same members in the same order as `GET /v1/audit/requests/{id}` gives. */
export function ndjsonLine(record: ExportedRecord): string {
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
  let line =
    `{"id":"${record.id}","seq":${seq},"time":"${isoTime(record.arrival)}",` +
    `"completedAt":"${isoTime(record.completed)}",` +
    `"latency":{"total":${totalUs / 1000},"queue":${milliseconds(queueUs)},"run":${milliseconds(runUs)}},` +
    `${route.texts.json},"path":${text(record.path)},"status":${status},"outcome":"${outcome}","problem":${text(problem)},` +
    `${caller.texts.json},"traceId":${text(traceId)},"clientRequestId":${text(clientRequestId)},` +
    `${version.texts.json},"batch":${batch},"cache":${text(cache)}`;
  if (record.input !== null) line += `,"input":${record.input}`;
  if (record.output !== null) line += `,"output":${record.output}`;
  if (truncated) line += `,"truncated":${JSON.stringify(truncated)}`;
  if (redacted) line += `,"redacted":${JSON.stringify(redacted)}`;
  if (lost !== null) line += `,"lost":${lost}`;
  if (outcomes) line += `,"outcomes":${JSON.stringify(outcomes)}`;
  return `${line}}\n`;
}

function text(value: string | null): string {
  return value === null ? 'null' : JSON.stringify(value);
}

function milliseconds(us: number | null): string {
  return us === null ? 'null' : String(us / 1000);
}
