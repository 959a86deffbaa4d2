import { LRUCache } from 'lru-cache';

/** What an entry takes besides its texts, in bytes. */
const ENTRY_BYTES = 160;

interface Entry {
  value?: unknown;
}

/** The memory under the cache: a map that is bounded in bytes and forgets what was not used for the longest time. */
export class AnswerStore extends LRUCache<string, Entry> {
  constructor(readonly maxBytes: number) {
    super({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: ({ value }, key) =>
        ENTRY_BYTES + 2 * (key.length + (typeof value === 'string' ? value.length : 0)),
    });
  }

  /** Drops every entry whose key begins with `prefix`. */
  purge(prefix: string): void {
    for (const key of [...this.keys()]) if (key.startsWith(prefix)) this.delete(key);
  }
}
