import { LRUCache } from 'lru-cache';
import { AnswerStore, type Entry } from './answer-store.js';

/** What an entry takes besides its texts, in bytes. */
const ENTRY_BYTES = 160;

/** This process's own memory: bounded in bytes, it forgets what was not used for the longest time. */
export class MemoryStore extends AnswerStore {
  private readonly entries: LRUCache<string, Entry>;
  private evicted = 0;

  constructor(private readonly maxBytes: number) {
    super();
    this.entries = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: ({ value }, key) =>
        ENTRY_BYTES + 2 * (key.length + (typeof value === 'string' ? value.length : 0)),
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.evicted++;
      },
    });
  }

  get on(): boolean {
    return this.maxBytes > 0;
  }

  /** Bytes that are taken, and results that were let go to make room. */
  get figures(): { bytes: number; evicted: number } {
    return { bytes: this.entries.calculatedSize, evicted: this.evicted };
  }

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: Entry): void {
    this.entries.set(key, entry);
  }

  delete(key: string): boolean {
    return this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  purge(prefix: string): void {
    for (const key of [...this.entries.keys()]) if (key.startsWith(prefix)) this.entries.delete(key);
  }
}
