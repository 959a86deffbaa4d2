import type { PayloadContent } from './record-leaf.js';
import type { RecordTuple } from './record.js';

/** Hears of each record that is written, inside the journal's transaction, and writes what follows from it. */
export interface RecordListener {
  /**
   * A record was written.
   * @param kept what the policy keeps of input and output; null: neither
   */
  recorded(record: RecordTuple, seq: number, kept: PayloadContent | null): void;
  /** See `Applier.flush`. */
  flush(): void;
  /** See `Applier.rolledBack`. */
  rolledBack(): void;
}
