import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';
import { Inject, Injectable } from '@nestjs/common';
import { OrielError } from '../../errors.js';
import { AnswerStore } from './answer-store.js';
import { MemoryStore } from './memory-store.js';
import { SharedStore, type SharedCounters } from './shared-store.js';

/** What the server's cache did (RFC 9211): had it, waited for somebody else's question, or had to ask the model. */
export type CacheUse = 'hit' | 'collapsed' | 'miss';

/** `Cache-Status` for each of them. */
export const CACHE_STATUS: Readonly<Record<string, string>> = {
  hit: 'Oriel; hit',
  collapsed: 'Oriel; fwd=miss; collapsed',
  miss: 'Oriel; fwd=miss; stored',
};

/** Failures of a question that say nothing of the same question of somebody else. */
const IMPATIENCE: ReadonlySet<string> = new Set(['aborted', 'deadline-exceeded']);

/** Results kept on the server, and questions that are under way: the same question at the same time is asked once. */
@Injectable()
export class PredictionCache {
  private readonly underWay = new Map<string, Promise<string>>();
  /** How often it did what. */
  readonly uses: Record<CacheUse, number> = { hit: 0, collapsed: 0, miss: 0 };

  constructor(
    @Inject(CACHE_MANAGER) private readonly cache: Cache,
    private readonly store: AnswerStore,
  ) {}

  /** Whether results are kept at all. */
  get on(): boolean {
    return this.store.on;
  }

  /** The result under `key`, or that of `ask`, which is then kept. A failure is kept by nobody. */
  async through(key: string, ask: () => Promise<string>): Promise<{ text: string; use: CacheUse }> {
    const open = this.underWay.get(key);
    if (open) {
      try {
        const text = await open;
        this.uses.collapsed++;
        return { text, use: 'collapsed' };
      } catch (error) {
        // The other caller was gone or out of time; this one may not be.
        if (!(error instanceof OrielError && IMPATIENCE.has(error.code))) throw error;
        return this.through(key, ask);
      }
    }
    let use: CacheUse = 'hit';
    const answer = this.cache.get<string>(key).then(async (kept) => {
      if (kept !== undefined) return kept;
      use = 'miss';
      const text = await ask();
      await this.cache.set(key, text);
      return text;
    });
    this.underWay.set(key, answer);
    try {
      const text = await answer;
      this.uses[use]++;
      return { text, use };
    } finally {
      this.underWay.delete(key);
    }
  }

  /** Bytes of the results that this process keeps itself, and how many were let go to make room. */
  get memory(): { bytes: number; evicted: number } {
    return this.store instanceof MemoryStore ? this.store.figures : { bytes: 0, evicted: 0 };
  }

  /** What became of errands to a store outside this process; null where there is none. */
  get errands(): Readonly<SharedCounters> | null {
    return this.store instanceof SharedStore ? this.store.counters : null;
  }

  /** Drops what a version answered. Its keys begin with `prefix`. */
  purge(prefix: string): void {
    this.store.purge(prefix);
  }
}
