import { AnswerStore, type Entry } from './answer-store.js';

/** A place outside this process: it may be slow, and it may fail. */
export interface Shelf {
  get(key: string): Promise<string | undefined>;
  /** @param ttl milliseconds after which it forgets the text */
  set(key: string, text: string, ttl: number): Promise<unknown>;
}

export interface SharedBounds {
  /** Longest that a question waits for the shelf, in milliseconds. */
  timeout: number;
  /** How long a result is kept, in milliseconds. */
  ttl: number;
}

/** What became of the store's errands, since the start. */
export interface SharedCounters {
  /** Answered with an error, or too late. */
  failed: number;
  /** Not even tried, because the shelf had just failed or too much was on its way to it. */
  skipped: number;
  /** Texts found that no Oriel can have left there. */
  unreadable: number;
}

/** After a failure the shelf is left alone for this long, so that one that hangs delays few questions. */
const REST_MS = 1000;
/** Most characters that are on their way to the shelf. */
const MAX_ON_THE_WAY = 8 * 2 ** 20;
/** A key that nobody fills. */
const NOBODY = 'nobody';

/**
 * Results on a shelf that several processes share and that outlives them. It is an economy only: when it fails, or does not
 * answer in time, the question is asked as if there were no cache, and the shelf is asked again a little later.
 */
export class SharedStore extends AnswerStore {
  readonly on = true;
  readonly counters: SharedCounters = { failed: 0, skipped: 0, unreadable: 0 };
  private restsUntil = -Infinity;
  private reason: string | null = null;
  private onTheWay = 0;

  /** @param changed told when the shelf begins to fail, with the reason, and with null when it is well again */
  constructor(
    private readonly shelf: Shelf,
    private readonly bounds: SharedBounds,
    private readonly changed: (reason: string | null) => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    super();
  }

  /** Why the shelf is not in use; null while all is well. */
  get trouble(): string | null {
    return this.reason;
  }

  async get(key: string): Promise<Entry | undefined> {
    const text = await this.attempt(() => this.shelf.get(key));
    if (text === undefined) return undefined;
    if (isResult(text)) return { value: text };
    this.counters.unreadable++;
    return undefined;
  }

  /** Nobody waits for this: the answer is on its way already. */
  set(key: string, { value }: Entry): void {
    if (typeof value !== 'string') return;
    if (this.onTheWay + value.length > MAX_ON_THE_WAY) {
      this.counters.skipped++;
      return;
    }
    void this.attempt(() => {
      this.onTheWay += value.length;
      const arrived = (): void => {
        this.onTheWay -= value.length;
      };
      const work = this.shelf.set(key, value, this.bounds.ttl);
      work.then(arrived, arrived);
      return work;
    });
  }

  delete(): boolean {
    return false;
  }

  clear(): void {
    // As `purge`.
  }

  /** Others may still serve the version: keys are made of digests, so nothing here becomes wrong, and it goes with its time. */
  purge(): void {
    // Left to its time.
  }

  /** Sees whether a shelf that failed is well again. */
  async check(): Promise<void> {
    if (this.reason !== null && this.now() >= this.restsUntil)
      await this.attempt(() => this.shelf.get(NOBODY));
  }

  /** What `work` gives, or undefined when it fails or takes too long. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.now() < this.restsUntil) {
      this.counters.skipped++;
      return undefined;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const tooLate = (): void => reject(new Error(`no answer within ${this.bounds.timeout} ms`));
      // A busy event loop runs its timers before it reads what has come: what is there by now is not late.
      timer = setTimeout(() => setImmediate(tooLate), this.bounds.timeout);
    });
    try {
      const result = await Promise.race([work(), late]);
      if (this.reason !== null) this.changed((this.reason = null));
      return result;
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  private fail(reason: string): void {
    this.counters.failed++;
    this.restsUntil = this.now() + REST_MS;
    const first = this.reason === null;
    this.reason = reason;
    if (first) this.changed(reason);
  }
}

/** Whether a text can stand in an answer as the members of an object. */
function isResult(text: string): boolean {
  try {
    JSON.parse(`{${text}}`);
    return true;
  } catch {
    return false;
  }
}
