import type { AnswerWriter } from '../answer.js';
import type { RowOutputs } from '../batch-runner.js';
import type { RowEncoder } from '../row-encoder.js';

/** The first rows of a bulk request and their answers, as the record keeps them: a little more than it has room for. */
export class BulkSample {
  private readonly rows: string[] = [];
  private readonly answers: string[] = [];
  private inputsLeft: number;
  private answersLeft: number;
  /** Whether there was more than is kept. */
  partial = false;

  /** @param limit characters of inputs, and of answers, after which no more of them is kept */
  constructor(
    private readonly encoder: RowEncoder,
    private readonly writer: AnswerWriter,
    limit: number,
  ) {
    this.inputsLeft = limit;
    this.answersLeft = limit;
  }

  add(row: unknown, result: RowOutputs, at: number): void {
    if (this.inputsLeft < 0 && this.answersLeft < 0) this.partial = true; // of one alone its length tells
    if (this.inputsLeft >= 0) {
      const input = this.encoder.canonical(row as Record<string, unknown>);
      this.inputsLeft -= input.length + 1;
      this.rows.push(input);
    }
    if (this.answersLeft >= 0) {
      const answer = `{${this.writer.row(result, at)}}`;
      this.answersLeft -= answer.length + 1;
      this.answers.push(answer);
    }
  }

  get input(): string {
    return `[${this.rows.join(',')}]`;
  }

  output(answered: number, failed: number): string {
    return `{"answered":${answered},"failed":${failed},"answers":[${this.answers.join(',')}]}`;
  }
}
