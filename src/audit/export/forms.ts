import type { Database } from 'better-sqlite3';
import { CSV_TYPE, NDJSON_TYPE } from '../../http/media-types.js';
import type { RecordOutcome } from '../record.js';
import { CsvForm } from './csv.js';
import { NdjsonForm } from './ndjson.js';
import type { PackedRow } from './packed-row.js';
import { ParquetForm } from './parquet.js';

/** Writes records as the bytes of one file, from its head to its end. */
export interface ExportForm {
  /** Tells whose the records that come now are, so that they are read all at once. */
  need(callers: readonly number[]): void;
  add(row: PackedRow, outcomes: readonly RecordOutcome[] | undefined): void;
  end(): void;
  /** What has been written since the last call. */
  take(): Uint8Array<ArrayBuffer>;
  /** Bytes that wait to be taken, about. */
  readonly size: number;
}

export const PARQUET_TYPE = 'application/vnd.apache.parquet';

/** The forms of an export, by the names that `format` has for them; the first is the one of who asks for none. */
export const EXPORT_TYPES = { ndjson: NDJSON_TYPE, csv: CSV_TYPE, parquet: PARQUET_TYPE } as const;
export type ExportFormat = keyof typeof EXPORT_TYPES;

export function exportForm(format: ExportFormat, database: Database): ExportForm {
  if (format === 'parquet') return new ParquetForm(database);
  return format === 'csv' ? new CsvForm(database) : new NdjsonForm(database);
}
