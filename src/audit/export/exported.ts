import type { RecordOutcome } from '../record.js';
import type { Rare, ScannedRow } from './scan.js';
import {
  NO_VERSION,
  type Shared,
  type SharedCaller,
  type SharedRoute,
  type SharedVersion,
} from './shared.js';

const NOTHING: Rare = [null, null, null, null, null, null];

/** One record on its way into a file: what `toRecord` makes of a row, but with what is JSON already left as it is. */
export class ExportedRecord {
  readonly route: SharedRoute;
  readonly caller: SharedCaller;
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
  readonly problem: string | null;
  readonly cache: string | null;
  readonly lost: number | null;

  constructor(
    readonly row: ScannedRow,
    shared: Shared,
    readonly outcomes: readonly RecordOutcome[] | undefined,
  ) {
    const hex = row[1];
    this.id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    this.arrival = parseInt(hex.slice(0, 12), 16);
    this.route = shared.routes.get(row[10]);
    this.caller = shared.callers.get(row[11]);
    this.version = versionOf(row, shared);
    const rare = row[17] === null ? NOTHING : (JSON.parse(row[17]) as Rare);
    this.path = rare[0] ?? this.route.path;
    this.problem = rare[1];
    this.cache = rare[2];
    this.lost = rare[3];
    this.truncated = rare[4] === null ? null : rare[4].split(',');
    this.redacted = rare[5] === null ? null : rare[5].split(',');
    const columns = row[14];
    const input = row[15];
    const whole = columns === null || input === null ? input : shared.columns.get(columns).join(input);
    this.input = payload(whole, this.truncated !== null && this.truncated.includes('input'));
    this.output = payload(row[16], this.truncated !== null && this.truncated.includes('output'));
  }

  get completed(): number {
    return this.arrival + Math.round(this.row[4] / 1000);
  }
}

function versionOf(row: ScannedRow, shared: Shared): SharedVersion {
  if (row[13] !== null) return shared.versions.get(row[13]);
  return row[12] === null ? NO_VERSION : shared.models.get(row[12]);
}

function payload(text: string | null, cut: boolean): string | null {
  if (text === null) return null;
  if (cut) return JSON.stringify(text);
  // A line feed in a JSON text stands between its parts, never in a string: there it would be escaped.
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}
