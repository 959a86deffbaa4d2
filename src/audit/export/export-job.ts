import type { DataSource } from 'typeorm';
import { rawConnection } from '../../database/open.js';
import { exportForm, type ExportForm, type ExportFormat } from './forms.js';
import { OutcomesBetween } from './outcomes-between.js';
import { knowArrival } from '../record-conditions.js';
import { RecordScan, type ScanQuery, type Scanned } from './scan.js';

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
    const database = rawConnection(source);
    knowArrival(database);
    this.scan = new RecordScan(source, query);
    this.form = exportForm(query.format, database);
    this.outcomes = new OutcomesBetween(database);
  }

  /** How many places of the record were looked at, of how many; about as many as there are records. */
  get progress(): { done: number; total: number } {
    return this.scan.progress;
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

  private add(scanned: Scanned | null): void {
    if (!scanned) return;
    const { row, callers, from, to } = scanned;
    const told = this.outcomes.of(from, to);
    this.form.need(callers);
    while (row.next()) this.form.add(row, told.get(row.seq));
  }
}
