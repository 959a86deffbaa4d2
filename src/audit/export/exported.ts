import type { RecordOutcome } from '../record.js';
import type { ScannedRow } from './scan.js';
import { NO_MODEL, NO_VERSION, type Shared, type SharedCaller, type SharedModel, type SharedRoute, type SharedVersion } from './shared.js'; // prettier-ignore

/** One record on its way into a file: what `toRecord` makes of a row, but with what is JSON already left as it is. */
export class ExportedRecord {
  readonly route: SharedRoute;
  readonly caller: SharedCaller;
  readonly model: SharedModel;
  readonly version: SharedVersion;
  /** JSON texts; of one that was cut, a JSON string of its beginning. */
  readonly input: string | null;
  readonly output: string | null;
  readonly truncated: readonly string[] | null;
  readonly redacted: readonly string[] | null;
  /** Epoch milliseconds. */
  readonly arrival: number;
  readonly id: string;
  readonly path: string | null;

  constructor(
    readonly row: ScannedRow,
    shared: Shared,
    readonly outcomes: readonly RecordOutcome[] | undefined,
  ) {
    const hex = row[1];
    this.id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    this.arrival = parseInt(hex.slice(0, 12), 16);
    this.route = shared.routes.get(row[14]);
    this.caller = shared.callers.get(row[15]);
    this.model = row[16] === null ? NO_MODEL : shared.models.get(row[16]);
    this.version = row[17] === null ? NO_VERSION : shared.versions.get(row[17]);
    this.path = row[2] ?? this.route.path;
    this.truncated = row[21] === null ? null : row[21].split(',');
    this.redacted = row[22] === null ? null : row[22].split(',');
    const [columns, input, output] = [row[18], row[19], row[20]];
    const whole = columns === null || input === null ? input : shared.columns.get(columns).join(input);
    this.input = payload(whole, this.truncated !== null && this.truncated.includes('input'));
    this.output = payload(output, this.truncated !== null && this.truncated.includes('output'));
  }

  get completed(): number {
    return this.arrival + Math.round(this.row[6] / 1000);
  }
}

function payload(text: string | null, cut: boolean): string | null {
  if (text === null) return null;
  if (cut) return JSON.stringify(text);
  // A line feed in a JSON text stands between its parts, never in a string: there it would be escaped.
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}
