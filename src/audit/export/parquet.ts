import type { Database } from 'better-sqlite3';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { RecordOutcome } from '../record.js';
import { EXPORT_COLUMNS, type Cell, type ExportColumn, type RecordCells } from './columns.js';
import type { ExportForm } from './forms.js';
import { LineBytes } from './line-bytes.js';
import type { PackedRow } from './packed-row.js';
import { Shared, type Named, type SharedForm } from './shared.js';

type Column = Parameters<ParquetWriter['write']>[0]['columnData'][number];

/** Rows, and characters of their texts, of one row group: what is in memory at once. */
const GROUP_ROWS = 10_000;
const GROUP_TEXT = 8 * 1024 * 1024;

const FORM: SharedForm<Named> = {
  part: (_, named) => named,
  mark: (text) => Buffer.from(text),
};

/** Parquet, one row group after another, compressed with Snappy; the footer that names them all is the end of the file. */
export class ParquetForm implements ExportForm {
  private readonly bytes = new Flowing();
  private readonly writer: ParquetWriter;
  private readonly shared: Shared<Named>;
  private readonly columns = EXPORT_COLUMNS.map((column) => collectorOf(column));
  private rows = 0;

  constructor(database: Database) {
    this.shared = new Shared(database, FORM);
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: schemaFromColumnData({ columnData: this.columns.map((column) => column.take()) }),
      createdBy: 'oriel',
    });
  }

  get size(): number {
    return this.bytes.waiting;
  }

  need(callers: readonly number[]): void {
    this.shared.callers.need(callers);
  }

  add(row: PackedRow, outcomes: readonly RecordOutcome[] | undefined): void {
    const { shared } = this;
    const cells: RecordCells = {
      row,
      route: shared.route(row.route, row.rare.path),
      caller: shared.callers.get(row.caller),
      version: shared.version(row.model, row.version),
      columns: row.columns === null ? null : shared.columns.get(row.columns),
      outcomes,
    };
    let text = 0;
    for (const column of this.columns) {
      column.add(cells);
      text += column.text;
    }
    this.rows++;
    if (this.rows >= GROUP_ROWS || text >= GROUP_TEXT) this.writeGroup();
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
    const columnData = this.columns.map((column) => column.take());
    void this.writer.write({ columnData, rowGroupSize: this.rows });
    this.rows = 0;
  }
}

/** The cells of one column of a row group. */
interface Collector {
  add(cells: RecordCells): void;
  /** Bytes of text, about. */
  readonly text: number;
  /** All that were added since the last call. */
  take(): Column;
}

function collectorOf(column: ExportColumn): Collector {
  const { name, type, nullable, of } = column;
  // Bounds are for who looks for times or numbers; those of texts cost more than all else of them.
  const all = { name, type, nullable, offsetIndex: false, statistics: type !== 'STRING' };
  if (typeof of !== 'function') return new Texts(all, of.put);
  // Few values that come often are written once; what differs nearly always is not worth a look.
  if (type === 'STRING' || type === 'INT32') return new Cells(all, of);
  return new Cells({ ...all, encoding: 'PLAIN' }, type === 'DOUBLE' ? of : (cells) => wide(of(cells)));
}

class Cells implements Collector {
  private data: Cell[] = [];
  text = 0;

  constructor(
    private readonly column: Omit<Column, 'data'>,
    private readonly of: (cells: RecordCells) => Cell,
  ) {}

  add(cells: RecordCells): void {
    const cell = this.of(cells);
    this.data.push(cell);
    if (typeof cell === 'string') this.text += cell.length;
  }

  take(): Column {
    const { data } = this;
    this.data = [];
    this.text = 0;
    return { ...this.column, data };
  }
}

/** Texts that hardly ever come twice, as bytes: without a dictionary. */
class Texts implements Collector {
  private readonly out = new LineBytes();
  /** Where each ends; below zero for null. */
  private ends: number[] = [];

  constructor(
    private readonly column: Omit<Column, 'data'>,
    private readonly put: (out: LineBytes, cells: RecordCells) => boolean,
  ) {}

  get text(): number {
    return this.out.size;
  }

  add(cells: RecordCells): void {
    this.ends.push(this.put(this.out, cells) ? this.out.size : -1);
  }

  take(): Column {
    const bytes = this.out.take();
    let from = 0;
    const data = this.ends.map((end) => {
      if (end < 0) return null;
      const text = bytes.subarray(from, end);
      from = end;
      return text;
    });
    this.ends = [];
    return { ...this.column, data, encoding: 'PLAIN' };
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

function wide(cell: Cell): Cell {
  return cell === null ? null : BigInt(cell);
}
