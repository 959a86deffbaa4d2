import { hexToUuid } from '../id.js';
import type { RecordOutcome } from '../record.js';
import type { Rare, ScannedRow } from './scan.js';
import type { Shared, SharedCaller, SharedRoute, SharedVersion } from './shared.js';

const NOTHING: Rare = [null, null, null, null, null, null];

/** One record on its way into a file: what `toRecord` makes of a row, but with what is JSON already left as it is. */
export class ExportedRecord {
  readonly id: string;
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly arrival: number;
  readonly completed: number;
  readonly status: number;
  readonly outcome: string;
  readonly problem: string | null;
  /** Whole microseconds. */
  readonly totalUs: number;
  readonly queueUs: number | null;
  readonly runUs: number | null;
  readonly batch: number | null;
  readonly cache: string | null;
  readonly traceId: string | null;
  readonly clientRequestId: string | null;
  readonly lost: number | null;
  readonly route: SharedRoute;
  readonly path: string | null;
  readonly caller: SharedCaller;
  readonly version: SharedVersion;
  /** JSON texts; of one that was cut, a JSON string of its beginning. */
  readonly input: string | null;
  readonly output: string | null;
  readonly truncated: readonly string[] | null;
  readonly redacted: readonly string[] | null;

  constructor(
    row: ScannedRow,
    shared: Shared,
    readonly outcomes: readonly RecordOutcome[] | undefined,
  ) {
    const [
      seq, hex, status, outcome, totalUs, queueUs, runUs, batch, traceId, clientRequestId, route, caller, model, version,
      columns, input, output, rare,
    ] = row; // prettier-ignore
    const [path, problem, cache, lost, truncated, redacted] =
      rare === null ? NOTHING : (JSON.parse(rare) as Rare);
    this.id = hexToUuid(hex);
    this.seq = seq;
    this.arrival = parseInt(hex.slice(0, 12), 16);
    this.completed = this.arrival + Math.round(totalUs / 1000);
    this.status = status;
    this.outcome = outcome;
    this.problem = problem;
    this.totalUs = totalUs;
    this.queueUs = queueUs;
    this.runUs = runUs;
    this.batch = batch;
    this.cache = cache;
    this.traceId = traceId;
    this.clientRequestId = clientRequestId;
    this.lost = lost;
    this.route = shared.routes.get(route);
    this.path = path ?? this.route.path;
    this.caller = shared.callers.get(caller);
    this.version = shared.versionOf(model, version);
    this.truncated = truncated === null ? null : truncated.split(',');
    this.redacted = redacted === null ? null : redacted.split(',');
    const whole = columns === null || input === null ? input : shared.columns.get(columns).join(input);
    this.input = payload(whole, this.truncated !== null && this.truncated.includes('input'));
    this.output = payload(output, this.truncated !== null && this.truncated.includes('output'));
  }
}

function payload(text: string | null, cut: boolean): string | null {
  if (text === null) return null;
  if (cut) return JSON.stringify(text);
  // A line feed in a JSON text stands between its parts, never in a string: there it would be escaped.
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}
