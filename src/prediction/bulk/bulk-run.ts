import { OrielError } from '../../errors.js';
import type { RowOutputs } from '../batch-runner.js';
import { invalidInput, type EncodedRows, type RowEncoder } from '../row-encoder.js';
import { partOf } from '../single-rows.js';
import type { AnswerForm } from './answer-forms.js';
import type { BulkRecord, RecordReader } from './records.js';

/** What a run takes from its surroundings. */
export interface BulkParts {
  reader: RecordReader;
  encoder: RowEncoder;
  form: AnswerForm;
  /** Most records that are asked at once. */
  batchRows: number;
  /** Most batches that are under way at once. */
  width: number;
  /** Asks the model. */
  run(rows: EncodedRows): Promise<RowOutputs>;
  /** Takes a part of the answer; settles when the next may come. */
  write(text: string): Promise<void>;
  /** Tells whether more of the body can be taken. */
  flow(open: boolean): void;
  /** Told of every row that is answered, with its input. */
  note(row: unknown, result: RowOutputs, at: number): void;
  /** Told of every row that is not. */
  refused?(reason: OrielError): void;
}

/** A record that ended the answer. */
export class StoppedAt extends Error {
  constructor(
    readonly line: number,
    readonly reason: OrielError,
  ) {
    super(reason.message);
  }
}

interface Entry {
  line: number;
  row?: unknown;
  error?: OrielError | undefined;
  /** Where its answer is. */
  result?: RowOutputs;
  at: number;
}

interface Batch {
  entries: Entry[];
  rows: EncodedRows;
}

/**
 * Answers a body of records in their order, in batches: while some are under way it collects the next, and takes no more of the
 * body than that, so that a body of any length needs the memory of a few batches. A record that is wrong is told by its line.
 */
export class BulkRun {
  /** Records that were answered, and those that were not. */
  answered = 0;
  failed = 0;
  /** Settles when the last answer is written, or with the reason why there will be none. */
  readonly finished: Promise<void>;
  private finish!: () => void;
  private reject!: (error: Error) => void;
  private records: BulkRecord[] = [];
  private at = 0;
  private batch: Batch;
  private underWay = 0;
  private written: Promise<void> = Promise.resolve();
  private ended = false;
  private over = false;
  private begun = false;

  constructor(private readonly parts: BulkParts) {
    this.batch = this.newBatch();
    this.finished = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.reject = reject;
    });
  }

  push(text: string): void {
    this.take(() => this.parts.reader.push(text));
  }

  end(): void {
    this.ended = true;
    this.take(() => this.parts.reader.end());
  }

  /** Gives up; what is under way is not told any more. */
  fail(error: Error): void {
    if (this.over) return;
    this.over = true;
    this.records = [];
    this.reject(error);
  }

  private take(read: () => BulkRecord[]): void {
    if (this.over) return;
    try {
      const rest = this.records.slice(this.at);
      this.records = rest.length > 0 ? rest.concat(read()) : read();
      this.at = 0;
    } catch (error) {
      this.fail(error as Error);
    }
    this.advance();
  }

  private advance(): void {
    const { batchRows, width } = this.parts;
    while (!this.over && this.at < this.records.length && this.underWay < width) {
      this.add(this.records[this.at++] as BulkRecord);
      if (this.batch.entries.length >= batchRows) this.send();
    }
    if (this.over) return;
    const exhausted = this.at >= this.records.length;
    if (exhausted && (this.ended || this.underWay === 0)) this.send();
    this.parts.flow(exhausted);
    if (exhausted && this.ended && this.underWay === 0) {
      this.over = true;
      this.conclude().then(this.finish, this.reject);
    }
  }

  private add({ line, row, error }: BulkRecord): void {
    const entry: Entry = { line, row, error, at: 0 };
    if (!error) {
      const faults = this.parts.encoder.tryAdd(row, this.batch.rows);
      if (faults.length > 0) entry.error = invalidInput(faults);
    }
    this.batch.entries.push(entry);
  }

  private send(): void {
    if (this.batch.entries.length === 0) return;
    const { batch } = this;
    this.batch = this.newBatch();
    this.underWay++;
    const asked = this.ask(batch);
    this.written = this.written
      .then(() => asked)
      .then(() => this.tell(batch.entries))
      .then(
        () => {
          this.underWay--;
          this.advance();
        },
        (error: unknown) => this.fail(error as Error),
      );
  }

  private async ask({ entries, rows }: Batch): Promise<void> {
    const good = entries.filter(({ error }) => !error);
    if (good.length === 0) return;
    try {
      const result = await this.parts.run(rows);
      good.forEach((entry, at) => Object.assign(entry, { result, at }));
    } catch (error) {
      if (good.length > 1 && isInputFault(error)) await this.askHalves(good, rows);
      else for (const entry of good) entry.error = told(error);
    }
  }

  /** One row on which the model fails, fails none of the others: it is found by halves. */
  private async askHalves(entries: readonly Entry[], rows: EncodedRows): Promise<void> {
    const middle = entries.length >> 1;
    for (const [from, to] of [
      [0, middle],
      [middle, entries.length],
    ] as const) {
      const half = entries.slice(from, to);
      const part = partOf(rows, from, to);
      try {
        const result = await this.parts.run(part);
        half.forEach((entry, at) => Object.assign(entry, { result, at }));
      } catch (error) {
        if (half.length > 1 && isInputFault(error)) await this.askHalves(half, part);
        else for (const entry of half) entry.error = told(error);
      }
    }
  }

  private async tell(entries: readonly Entry[]): Promise<void> {
    if (this.over) return;
    const { form } = this.parts;
    let text = '';
    let stop: StoppedAt | undefined;
    for (const { line, row, error, result, at } of entries) {
      if (result) {
        if (!this.begun) text += form.head(result);
        this.begun = true;
        text += form.row(result, at, line);
        this.parts.note(row, result, at);
        this.answered++;
        continue;
      }
      const reason = error as OrielError;
      this.failed++;
      this.parts.refused?.(reason);
      if (form.onError === 'answer') text += form.error(line, reason);
      else if (form.onError === 'stop' || !isOwnFault(reason)) {
        stop = new StoppedAt(line, reason);
        break;
      }
    }
    if (text !== '') await this.parts.write(text);
    if (stop) throw stop;
  }

  /** An answer without rows still says what they would have been made of. */
  private async conclude(): Promise<void> {
    await this.written;
    if (this.begun) return;
    const { parts } = this;
    const head = parts.form.head(await parts.run(parts.encoder.empty()));
    if (head !== '') await parts.write(head);
  }

  private newBatch(): Batch {
    return { entries: [], rows: this.parts.encoder.empty() };
  }
}

/** Whether a record itself is wrong; what the server could not do for a good one is no reason to leave it out. */
function isOwnFault({ kind }: OrielError): boolean {
  return kind !== 'unavailable' && kind !== 'internal';
}

function isInputFault(error: unknown): boolean {
  return error instanceof OrielError && error.code === 'model-failed';
}

/** What the records of a batch are told that failed for a reason that is not theirs. */
function told(error: unknown): OrielError {
  if (error instanceof OrielError) return error;
  return new OrielError('internal', 'internal', 'The server failed to answer.', { cause: error });
}
