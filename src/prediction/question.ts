import { answerKey } from './caching/freshness.js';
import type { ModelVersion } from './model-version.js';
import type { EncodedRows } from './row-encoder.js';

type Row = Readonly<Record<string, unknown>>;

/** A checked question to a version: rows ready for the model, and the same in the caller's words. */
export class Question {
  private text: string | undefined;
  private name: string | undefined;

  /** @param body what `rows` was made of: a row, or an array of them */
  constructor(
    readonly version: ModelVersion,
    readonly rows: EncodedRows,
    private readonly body: unknown,
  ) {}

  /** Whether it asks for many rows, answered with `predictions`, or for one, answered with `prediction`. */
  get many(): boolean {
    return Array.isArray(this.body);
  }

  /** The rows as one JSON text that depends on their values alone. */
  get input(): string {
    if (this.text !== undefined) return this.text;
    const { encoder } = this.version.parts;
    this.text = Array.isArray(this.body)
      ? `[${(this.body as Row[]).map((row) => encoder.canonical(row)).join(',')}]`
      : encoder.canonical(this.body as Row);
    return this.text;
  }

  /** Names its answer before there is one. */
  get key(): string {
    this.name ??= answerKey(this.version, this.input);
    return this.name;
  }
}
