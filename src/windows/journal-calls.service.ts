import { Injectable } from '@nestjs/common';
import { OrielError } from '../errors.js';
import { JournalService } from '../journal/journal.service.js';

/** Bytes of an entry beside what it carries, for the bound of the journal's buffer. */
const BASE_BYTES = 256;

/** What streams want of the journal, with its failures in words for a caller. */
@Injectable()
export class JournalCalls {
  constructor(private readonly journal: JournalService) {}

  /**
   * Answers once the entry is on disk, with what its applier says of it.
   * @param bytes of what it carries, about
   * @throws OrielError `journal-full`, `not-recorded` (503)
   */
  append<T>(kind: string, payload: unknown, bytes: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const taken = this.journal.append(kind, payload, BASE_BYTES + bytes, (error, result) => {
        if (error)
          reject(unavailable('not-recorded', 'It could not be put on record: send it again.', error));
        else resolve(result as T);
      });
      if (!taken) reject(unavailable('journal-full', 'Too many records wait for the disk.'));
    });
  }

  /** Asks what the journal thread knows of streams. @throws OrielError `streams-down` (503) */
  async ask<T>(type: string, body: unknown): Promise<T> {
    try {
      return await this.journal.ask<T>(type, body);
    } catch (error) {
      throw unavailable('streams-down', 'The stream cannot be asked now.', error);
    }
  }
}

function unavailable(code: string, detail: string, cause?: unknown): OrielError {
  return new OrielError('unavailable', code, detail, { retryAfter: 1, cause });
}
