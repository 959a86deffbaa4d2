import type { AnswerWriter } from '../answer.js';
import type { RowOutputs } from '../batch-runner.js';
import type { RowEncoder } from '../row-encoder.js';

/** The first rows of a bulk request and their answers, as the record keeps them: a little more than it has room for. */
export class BulkSample {
  private readonly rows: string[] = [];
  private readonly answers: string[] = [];
  private left: number;
  /** Whether there was more than is kept. */
  partial = false;

  /** @param limit characters after which no more is kept */
  constructor(
    private readonly encoder: RowEncoder,
    private readonly writer: AnswerWriter,
    limit: number,
  ) {
    this.left = limit;
  }

  add(row: unknown, result: RowOutputs, at: number): void {
    if (this.left < 0) {
      this.partial = true;
      return;
    }
    const input = this.encoder.canonical(row as Record<string, unknown>);
    const answer = `{${this.writer.row(result, at)}}`;
    this.left -= Math.min(input.length, answer.length);
    this.rows.push(input);
    this.answers.push(answer);
  }

  get input(): string {
    return `[${this.rows.join(',')}]`;
  }

  output(answered: number, failed: number): string {
    return `{"answered":${answered},"failed":${failed},"answers":[${this.answers.join(',')}]}`;
  }
}
