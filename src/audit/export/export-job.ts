import type { DataSource } from 'typeorm';
import { rawConnection } from '../../database/open.js';
import type { RecordOutcome } from '../record.js';
import { ExportedRecord } from './exported.js';
import { exportForm, type ExportForm, type ExportFormat } from './forms.js';
import { OutcomesBetween } from './outcomes-between.js';
import { RecordScan, type ScanQuery, type ScannedRow } from './scan.js';

/** About the size of a chunk, in bytes, and the longest that one is worked at, in milliseconds, even if there is nothing in it. */
const CHUNK = 256 * 1024;
const CHUNK_MS = 100;

export interface ExportQuery extends ScanQuery {
  format: ExportFormat;
}

/** One export as its thread does it: a chunk whenever it is asked for one, so that nothing is read for a client that does not read. */
export class ExportJob {
  private readonly scan: RecordScan;
  private readonly form: ExportForm;
  private readonly outcomes: OutcomesBetween;
  private ended = false;

  constructor(source: DataSource, query: ExportQuery) {
    this.scan = new RecordScan(source, query);
    this.form = exportForm(query.format);
    this.outcomes = new OutcomesBetween(rawConnection(source));
  }

  /** The next bytes, perhaps none; null after the last. */
  next(): Uint8Array<ArrayBuffer> | null {
    if (this.ended) return null;
    const until = performance.now() + CHUNK_MS;
    while (!this.scan.done && this.form.size < CHUNK && performance.now() < until) this.add(this.scan.next());
    if (this.scan.done) {
      this.form.end();
      this.ended = true;
    }
    return this.form.take();
  }

  private add(rows: readonly ScannedRow[]): void {
    const told: ReadonlyMap<string, readonly RecordOutcome[]> = this.outcomes.of(rows);
    for (const row of rows) this.form.add(new ExportedRecord(row, this.scan.shared, told.get(row[1])));
  }
}
