import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { EXPORT_COLUMNS, type Cell } from './columns.js';
import type { ExportedRecord } from './exported.js';
import type { ExportForm } from './forms.js';

/** Rows, and characters of their texts, of one row group: what is in memory at once. */
const GROUP_ROWS = 10_000;
const GROUP_TEXT = 8 * 1024 * 1024;

/** Parquet, one row group after another, compressed with Snappy; the footer that names them all is the end of the file. */
export class ParquetForm implements ExportForm {
  private readonly bytes = new Flowing();
  private readonly writer: ParquetWriter;
  private columns: Cell[][] = emptied();
  private rows = 0;
  private text = 0;

  constructor() {
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: schemaFromColumnData({ columnData: this.columnData() }),
      createdBy: 'oriel',
    });
  }

  get size(): number {
    return this.bytes.waiting;
  }

  add(record: ExportedRecord): void {
    for (let i = 0; i < EXPORT_COLUMNS.length; i++) {
      const { type, of } = EXPORT_COLUMNS[i] as (typeof EXPORT_COLUMNS)[number];
      const cell = of(record);
      (this.columns[i] as unknown[]).push(type === 'INT64' && cell !== null ? BigInt(cell as number) : cell);
      if (type === 'STRING' && cell !== null) this.text += (cell as string).length;
    }
    this.rows++;
    if (this.rows >= GROUP_ROWS || this.text >= GROUP_TEXT) this.writeGroup();
  }

  end(): void {
    this.writeGroup();
    void this.writer.finish();
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.take();
  }

  private writeGroup(): void {
    if (this.rows === 0) return;
    void this.writer.write({ columnData: this.columnData(), rowGroupSize: this.rows });
    this.columns = emptied();
    this.rows = 0;
    this.text = 0;
  }

  private columnData(): Parameters<ParquetWriter['write']>[0]['columnData'] {
    return EXPORT_COLUMNS.map(({ name, type, nullable }, index) => ({
      name,
      type,
      nullable,
      data: this.columns[index] as Cell[],
      offsetIndex: false,
    }));
  }
}

/** Lets what is written be taken away; places in the file are counted from its beginning all the same. */
class Flowing extends ByteWriter {
  get waiting(): number {
    return this.index;
  }

  take(): Uint8Array<ArrayBuffer> {
    const taken = this.getBytes().slice();
    this.index = 0;
    return taken;
  }
}

function emptied(): Cell[][] {
  return EXPORT_COLUMNS.map(() => []);
}
