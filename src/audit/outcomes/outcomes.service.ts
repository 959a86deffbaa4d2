import { Injectable } from '@nestjs/common';
import { OrielError } from '../../errors.js';
import { JournalService } from '../../journal/journal.service.js';
import type { ToldOutcome } from './outcome-body.js';
import type { OutcomesAnswer } from './outcomes.dto.js';
import {
  AUDIT_OUTCOME,
  type OutcomeEntry,
  type OutcomeResult,
  type OutcomeResults,
  type OutcomeTuple,
  type Unfinished,
} from './outcome.js';

/** Most outcomes in one entry of the journal. */
const ENTRY = 500;
/** Bytes of an outcome beside its value, for the bound of the journal's buffer. */
const BASE_BYTES = 256;

/** Puts outcomes on record, some hundred at a time, so that predictions are recorded in between. */
@Injectable()
export class OutcomesService {
  constructor(private readonly journal: JournalService) {}

  /**
   * Answers once all are on disk. Those before a failure stay there; sent again, they are duplicates.
   * @param bytes of all outcomes, about
   * @param models patterns of the models whose predictions the caller may know of; null for all
   * @throws OrielError `journal-full`, `not-recorded` (503)
   */
  async put(
    told: readonly ToldOutcome[],
    bytes: number,
    now: number,
    models: readonly string[] | null = null,
  ): Promise<OutcomesAnswer> {
    const outcomes = told.filter((one): one is OutcomeTuple => !('faults' in one));
    const each = BASE_BYTES + Math.ceil(bytes / Math.max(1, told.length));
    const results: OutcomeResult[] = [];
    let begun: Unfinished | undefined;
    while (results.length < outcomes.length) {
      const entry = { now, models, outcomes: outcomes.slice(results.length, results.length + ENTRY) };
      if (begun) entry.outcomes[0] = continued(entry.outcomes[0] as OutcomeTuple, begun.done);
      const written = await this.append(entry, each * entry.outcomes.length);
      const news = begun?.fresh === true;
      results.push(
        ...written.results.map((one, at) => (at === 0 && news && one === 'duplicate' ? 'accepted' : one)),
      );
      begun = written.unfinished && {
        done: written.unfinished.done,
        fresh: written.unfinished.fresh || (news && written.results.length === 0),
      };
    }
    return summary(told, results);
  }

  private append(entry: OutcomeEntry, bytes: number): Promise<OutcomeResults> {
    return new Promise((resolve, reject) => {
      const taken = this.journal.append(AUDIT_OUTCOME, entry, bytes, (error, result) => {
        if (error) reject(notRecorded(error));
        else resolve(result as OutcomeResults);
      });
      if (!taken) reject(journalFull());
    });
  }
}

function continued([prediction, value, item, time]: OutcomeTuple, done: number): OutcomeTuple {
  return [prediction, value, item, time, done];
}

function summary(told: readonly ToldOutcome[], results: readonly OutcomeResult[]): OutcomesAnswer {
  const answer: OutcomesAnswer = { accepted: 0, duplicates: 0, rejected: [] };
  let next = 0;
  told.forEach((one, index) => {
    const result = 'faults' in one ? one : (results[next++] as OutcomeResult);
    if (result === 'accepted') answer.accepted++;
    else if (result === 'duplicate') answer.duplicates++;
    else answer.rejected.push({ index, errors: [...result.faults] });
  });
  return answer;
}

function journalFull(): OrielError {
  return new OrielError('unavailable', 'journal-full', 'Too many records wait for the disk.', {
    retryAfter: 1,
  });
}

function notRecorded(cause: Error): OrielError {
  return new OrielError(
    'unavailable',
    'not-recorded',
    'The outcomes could not be put on record, or not all of them: send them again.',
    { retryAfter: 1, cause },
  );
}
