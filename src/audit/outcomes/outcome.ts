import type { Fault } from '../../errors.js';

/** The kind under which the journal knows outcomes. */
export const AUDIT_OUTCOME = 'audit.outcome';

/** One outcome as it travels to the journal thread; its form is checked, what it says is not. */
export type OutcomeTuple = readonly [
  /** Id of the prediction, in any case of its letters, or whatever text the caller took for one. */
  prediction: string,
  value: unknown,
  /** The row that is meant, from 0; null for the only one, or all. */
  item: number | null,
  /** Epoch milliseconds; null for "now". */
  time: number | null,
  /** Of the rows it tells of, how many an entry before this one has written. */
  done?: number,
];

/** One entry of the journal: outcomes that were told at the same time. */
export interface OutcomeEntry {
  /** Epoch milliseconds. */
  now: number;
  outcomes: readonly OutcomeTuple[];
  /** Patterns of models: to this caller, predictions of others are not there. Null for all. */
  models?: readonly string[] | null;
}

export type OutcomeResult = 'accepted' | 'duplicate' | { faults: readonly Fault[] };

/** An outcome of many rows of which only the first `done` are written; whether any of them was news. */
export interface Unfinished {
  done: number;
  fresh: boolean;
}

/** What became of the first outcomes of an entry. Those after them were not looked at, so that others may write: they are to be sent again. */
export interface OutcomeResults {
  results: readonly OutcomeResult[];
  /** Of the outcome after those. */
  unfinished?: Unfinished;
}
