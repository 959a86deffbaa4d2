import { CSV_TYPE, NDJSON_TYPE } from '../../http/media-types.js';
import type { ExportedRecord } from './exported.js';
import { csvHead, csvLine } from './csv.js';
import { ndjsonLine } from './ndjson.js';
import { ParquetForm } from './parquet.js';

/** Writes records as the bytes of one file, from its head to its end. */
export interface ExportForm {
  add(record: ExportedRecord): void;
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

export function exportForm(format: ExportFormat): ExportForm {
  if (format === 'parquet') return new ParquetForm();
  return format === 'csv' ? new TextForm(csvLine, csvHead()) : new TextForm(ndjsonLine, '');
}

/** Bytes of memory for a chunk; a line that is longer than what is left of it makes more. */
const ROOM = 512 * 1024;

class TextForm implements ExportForm {
  private bytes = Buffer.allocUnsafeSlow(ROOM);
  private filled = 0;

  constructor(
    private readonly line: (record: ExportedRecord) => string,
    first: string,
  ) {
    this.write(first);
  }

  get size(): number {
    return this.filled;
  }

  add(record: ExportedRecord): void {
    this.write(this.line(record));
  }

  end(): void {
    // A file of lines ends with its last.
  }

  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.bytes.subarray(0, this.filled));
    this.filled = 0;
    return taken;
  }

  private write(line: string): void {
    const most = line.length * 3; // bytes of UTF-8 for a unit of UTF-16
    if (this.filled + most > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.filled + most, this.bytes.length + ROOM));
      this.bytes.copy(larger, 0, 0, this.filled);
      this.bytes = larger;
    }
    this.filled += this.bytes.write(line, this.filled, 'utf8');
  }
}
