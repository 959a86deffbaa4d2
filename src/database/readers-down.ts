import { OrielError } from '../errors.js';

/** What a caller is told when there is no thread to read the record, or it died under the query. */
export function readersDown(cause: unknown): OrielError {
  return new OrielError('unavailable', 'readers-down', 'The record cannot be read now.', {
    retryAfter: 1,
    cause,
  });
}
