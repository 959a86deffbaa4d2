import { appliesTo, Redactor, type Part } from './policy/redaction.js';
import type { PayloadContent } from './record-leaf.js';
import type { RecordTuple } from './record.js';
import { cut, named } from './payload-text.js';

/** Most lists of pointers whose redactors are kept; a policy has one a rule. */
const REMEMBERED = 1000;

interface Redactors {
  input: Redactor | null;
  output: Redactor | null;
}

interface Payload {
  text: string | null;
  cut: boolean;
  redacted: boolean;
}

/** Takes out of records what the policy does not keep, and cuts what is too long. Lives in the journal thread. */
export class RecordRedactor {
  private readonly redactors = new Map<string, Redactors>();

  /** What a record keeps of input and output; null when neither is there. */
  payloadOf(record: RecordTuple): PayloadContent | null {
    const input = record[20];
    const output = record[21];
    const truncated = record[22];
    const redaction = record[24];
    if (input === null && output === null) return null;
    if (!redaction) return [input, output, truncated, null];
    const by = this.redactorsOf(redaction.pointers);
    const was = truncated?.split(',') ?? [];
    const asked = redact(input, by.input, redaction.limit, was.includes('input'));
    const answered = redact(output, by.output, redaction.limit, was.includes('output'));
    return [
      asked.text,
      answered.text,
      named(asked.cut, answered.cut),
      named(asked.redacted, answered.redacted),
    ];
  }

  private redactorsOf(pointers: readonly string[]): Redactors {
    const key = pointers.join('\n');
    let known = this.redactors.get(key);
    if (!known) {
      if (this.redactors.size >= REMEMBERED) this.redactors.clear();
      const of = (part: Part): Redactor | null =>
        appliesTo(pointers, part) ? new Redactor(pointers, part) : null;
      known = { input: of('input'), output: of('output') };
      this.redactors.set(key, known);
    }
    return known;
  }
}

function redact(text: string | null, redactor: Redactor | null, limit: number, wasCut: boolean): Payload {
  if (text === null || !redactor) return { text, cut: wasCut, redacted: false };
  const { text: clean, redacted } = redactor.redact(text);
  const { text: kept, cut: isCut } = cut(clean, limit);
  return { text: kept, cut: wasCut || isCut, redacted };
}
