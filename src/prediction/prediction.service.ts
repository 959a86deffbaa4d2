import { Injectable } from '@nestjs/common';
import type { AuditNotes } from '../audit/record.js';
import { MAX_FAULTS, type Fault } from '../errors.js';
import type { RequestContext } from '../http/request-context.js';
import { cacheKey } from './caching/freshness.js';
import { PredictionCache } from './caching/prediction-cache.service.js';
import { DataPlane, type Target } from './data-plane.js';
import type { ModelVersion } from './model-version.js';
import type { Patience } from './patience.js';
import { Question } from './question.js';
import { invalidInput } from './row-encoder.js';

/** The request that is answered, and whose it is. */
type Asker = Pick<RequestContext, 'id' | 'principal'>;

/** Answers rows of named features. */
@Injectable()
export class PredictionService {
  constructor(
    private readonly plane: DataPlane,
    private readonly cache: PredictionCache,
  ) {}

  /**
   * Checks a body, one row or an array of them, against the version that is meant.
   * @throws OrielError `unknown-model`, `unknown-version`, `unknown-label`, `invalid-input`, …
   */
  check(target: Target, body: unknown, notes: AuditNotes): Question {
    return questionOf(this.plane.version(target, notes), body);
  }

  /** Checks the one row that the parameters of a query make. @throws OrielError as `check` */
  checkQuery(
    target: Target,
    query: Readonly<Record<string, string | string[]>>,
    notes: AuditNotes,
  ): Question {
    const version = this.plane.version(target, notes);
    return questionOf(version, version.parts.encoder.rowOfTexts(query));
  }

  /** Answers a checked question. @throws OrielError `queue-full`, `model-failed`, … */
  async answer(
    { id, principal }: Asker,
    question: Question,
    notes: AuditNotes,
    patience?: Patience,
  ): Promise<string> {
    const { version, many } = question;
    const { writer, signature } = version.parts;
    if (!many) notes.input = question.input;
    const ask = async (): Promise<string> => {
      const result = await this.plane.run(version, question.rows, notes, patience);
      return many ? writer.rows(result) : writer.row(result);
    };
    let output: string;
    if (this.cache.on && !signature.random) {
      const kept = await this.cache.through(cacheKey(version, question.key, principal), ask);
      notes.cache = kept.use;
      output = kept.text;
    } else output = await ask();
    notes.output = `{${output}}`;
    return many ? writer.answer(id, output) : writer.answer(id, `"input":${question.input}`, output);
  }
}

function questionOf(version: ModelVersion, body: unknown): Question {
  const { encoder } = version.parts;
  const rows = encoder.empty();
  const faults: Fault[] = [];
  if (Array.isArray(body)) {
    for (let at = 0; at < body.length && faults.length < MAX_FAULTS; at++)
      encoder.add(body[at], `/${at}`, rows, faults);
  } else encoder.add(body, '', rows, faults);
  if (faults.length > 0) throw invalidInput(faults);
  return new Question(version, rows, body);
}
