import { Lanes, type LaneUser } from './lanes.js';

/** How an item ends: with an error, or with its result. Called exactly once for each accepted item. */
export type Answer<R> = (error: Error | null, result?: R) => void;

/** Bounds in units of weight (rows, bytes, …: the user's choice). */
export interface BatcherBounds {
  /** Most weight that is sent at once. An item heavier than this goes alone. */
  maxBatch: number;
  /** Most weight that may wait. An item heavier than this is accepted only while nothing waits. */
  maxWaiting: number;
}

/** Ends a batch: with an error for all of its items, or with one result an item, in their order. */
export type Settle<R> = (error: Error | null, results?: readonly R[]) => void;

export type RunBatch<T, R> = (items: readonly T[], lane: number, settle: Settle<R>) => void;

interface Entry<T, R> {
  item: T;
  weight: number;
  answer: Answer<R>;
}

/**
 * While one batch is under way, collect the next; when it is done, send all that has come. It adds no wait when idle and
 * the batches grow with the load. Laws: no accepted item is lost, none is answered twice, items leave in the order they
 * came, a failing batch fails only its own items, and the bounds hold. Pure: no clock, no promise; time is whatever
 * passes between `run` and `settle`.
 */
export class Batcher<T, R> implements LaneUser {
  private entries: Entry<T, R>[] = [];
  private head = 0;
  private weight = 0;

  constructor(
    private readonly bounds: BatcherBounds,
    private readonly run: RunBatch<T, R>,
    private readonly lanes: Lanes = new Lanes(1),
  ) {}

  /** Weight that waits for a lane. */
  get waiting(): number {
    return this.weight;
  }

  /** Items that wait for a lane. */
  get items(): number {
    return this.entries.length - this.head;
  }

  /** Takes an item, or returns false (and will never answer it) when it does not fit in the queue. */
  offer(item: T, weight: number, answer: Answer<R>): boolean {
    if (this.weight > 0 && this.weight + weight > this.bounds.maxWaiting) return false;
    this.entries.push({ item, weight, answer });
    this.weight += weight;
    this.lanes.request(this, this.weight >= this.bounds.maxBatch);
    return true;
  }

  /** Takes waiting items out of the queue: those for which `reason` gives an error are answered with it. */
  drop(reason: (item: T) => Error | null): void {
    const waiting = this.entries.slice(this.head);
    const refused = waiting.map(({ item }) => reason(item));
    if (refused.every((error) => error === null)) return;
    this.entries = waiting.filter((_, index) => refused[index] === null);
    this.head = 0;
    this.weight = this.entries.reduce((sum, { weight }) => sum + weight, 0);
    waiting.forEach(({ answer }, index) => {
      const error = refused[index];
      if (error) answer(error);
    });
  }

  start(lane: number): boolean {
    const batch = this.take();
    if (batch.length === 0) return false;
    let open = true;
    const settle: Settle<R> = (error, results) => {
      if (!open) return;
      open = false;
      try {
        this.lanes.release(lane); // first, so that the next batch is under way while this one is answered
      } finally {
        this.answer(batch, error, results);
      }
    };
    try {
      this.run(
        batch.map((entry) => entry.item),
        lane,
        settle,
      );
    } catch (error) {
      settle(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }

  private take(): Entry<T, R>[] {
    const from = this.head;
    let to = from;
    let weight = 0;
    while (to < this.entries.length) {
      const next = (this.entries[to] as Entry<T, R>).weight;
      if (to > from && weight + next > this.bounds.maxBatch) break;
      weight += next;
      to++;
    }
    this.weight -= weight;
    if (to === this.entries.length) {
      const all = from === 0 ? this.entries : this.entries.slice(from);
      this.entries = [];
      this.head = 0;
      return all;
    }
    const batch = this.entries.slice(from, to);
    this.head = to;
    if (this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return batch;
  }

  private answer(
    batch: readonly Entry<T, R>[],
    error: Error | null,
    results: readonly R[] | undefined,
  ): void {
    const failure =
      error ??
      (results?.length === batch.length
        ? null
        : new Error(`a batch of ${batch.length} was answered with ${results?.length ?? 'no'} results`));
    for (let i = 0; i < batch.length; i++) {
      const entry = batch[i] as Entry<T, R>;
      if (failure) entry.answer(failure);
      else entry.answer(null, (results as readonly R[])[i]);
    }
  }
}
