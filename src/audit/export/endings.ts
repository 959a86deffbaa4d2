import type { LineBytes } from './line-bytes.js';
import type { PackedRow, Span } from './packed-row.js';

/** Statuses are below it. */
const STATUSES = 1000;
/** Most that are remembered; beyond it all are forgotten. */
const REMEMBERED = 1000;

interface Ending {
  outcome: Buffer;
  bytes: Buffer;
}

/** Where a request went and how it ended: route, status, outcome and problem. Of most records that is one of few, and so written once. */
export class Endings {
  /** By route and status. */
  private readonly known = new Map<number, Ending>();

  /** @param write puts it into `out` as a form writes it */
  constructor(
    private readonly out: LineBytes,
    private readonly write: (row: PackedRow) => void,
  ) {}

  put(row: PackedRow): void {
    const { out, known } = this;
    const { rare, bytes, outcome } = row;
    if (rare.path !== null || rare.problem !== null) return this.write(row);
    const key = row.route * STATUSES + row.status;
    const same = known.get(key);
    if (same && isSame(same.outcome, bytes, outcome)) return out.put(same.bytes);
    const begun = out.size;
    this.write(row);
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, {
      outcome: Buffer.from(bytes.subarray(outcome.from, outcome.to)),
      bytes: out.since(begun),
    });
  }
}

function isSame(text: Buffer, bytes: Buffer, { from, to }: Span): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[from + i]) return false;
  return true;
}
