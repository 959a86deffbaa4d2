import { readPlace, writePlace } from '../http/paging.js';
import { isUuid } from './id.js';

/** Where a page ended, and what all pages of its query see. */
export interface PageMark {
  /** Id of the last record. */
  id: string;
  /** Its latency in whole microseconds, where the order is by latency. */
  totalUs?: number;
  /** The last `seq` that was on record when the first page was read: what came later is on no page. */
  asOf: number;
}

/** An opaque token for the page after a mark, bound to the question it goes on with. */
export function writePageToken({ id, totalUs, asOf }: PageMark, question: unknown): string {
  return writePlace([id, asOf, ...(totalUs === undefined ? [] : [totalUs])], question);
}

/** @throws OrielError `invalid-parameter` when it is not a token, or that of another question */
export function readPageToken(token: string, question: unknown): PageMark {
  return readPlace(token, question, ([id, asOf, totalUs]) => {
    const numbers = Number.isSafeInteger(asOf) && (totalUs === undefined || Number.isSafeInteger(totalUs));
    if (typeof id !== 'string' || !isUuid(id) || !numbers) return undefined;
    return { id, asOf: asOf as number, ...(totalUs === undefined ? {} : { totalUs: totalUs as number }) };
  });
}
