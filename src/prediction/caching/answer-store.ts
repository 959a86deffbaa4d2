/** What the cache manager keeps: a result, as a JSON text. */
export interface Entry {
  value?: unknown;
}

/** What keeps results, under the cache manager. Whatever happens to it, it never fails a question. */
export abstract class AnswerStore {
  /** Whether it keeps anything at all. */
  abstract readonly on: boolean;

  abstract get(key: string): Entry | undefined | Promise<Entry | undefined>;

  abstract set(key: string, entry: Entry): unknown;

  abstract delete(key: string): boolean | Promise<boolean>;

  abstract clear(): void;

  /** Told that nobody here will ask again for keys that begin with `prefix`. */
  abstract purge(prefix: string): void;
}
