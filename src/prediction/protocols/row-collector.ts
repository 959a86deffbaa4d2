import { MAX_FAULTS, type Fault } from '../../errors.js';
import { invalidInput, type EncodedRows, type RowEncoder } from '../row-encoder.js';

/** Where a caller's own body has a feature of a row; `rest` points further into the value. */
export type Locate = (feature: string, rest: string) => string;

/** Gathers the rows that a body holds, in whatever form, and everything that is wrong with them, told in that form. */
export class RowCollector {
  private readonly rows: EncodedRows;
  private readonly faults: Fault[] = [];
  private readonly explained = new Set<string>();
  private readonly muted = new Set<string>();

  constructor(private readonly encoder: RowEncoder) {
    this.rows = encoder.empty();
  }

  /** Whether no further fault would be named, so that the rest of a body need not be read. */
  get full(): boolean {
    return this.faults.length >= MAX_FAULTS;
  }

  /** Checks and adds a row of named features. */
  add(row: Readonly<Record<string, unknown>>, locate: Locate): void {
    const found: Fault[] = [];
    this.encoder.add(row, '', this.rows, found);
    for (const { pointer, detail } of found) {
      const end = pointer.indexOf('/', 1);
      const token = end < 0 ? pointer.slice(1) : pointer.slice(1, end);
      const feature = token.replaceAll('~1', '/').replaceAll('~0', '~');
      if (this.muted.has(feature)) continue;
      this.report(locate(feature, end < 0 ? '' : pointer.slice(end)), detail);
    }
  }

  report(pointer: string, detail: string): void {
    if (!this.full && !this.explained.has(pointer)) this.faults.push({ pointer, detail });
  }

  /** Reports what is wrong inside a value, in place of whatever else would be said of the value. */
  explain(place: string, pointer: string, detail: string): void {
    this.explained.add(place);
    this.report(pointer, detail);
  }

  /** Says no more of a feature: what is wrong with all of it is reported already. */
  mute(feature: string): void {
    this.muted.add(feature);
  }

  /** @throws OrielError `invalid-input` with every fault */
  done(): EncodedRows {
    if (this.faults.length > 0) throw invalidInput(this.faults);
    return this.rows;
  }
}
