import { LRUCache } from 'lru-cache';
import type { Quota } from '../config/access-settings.js';

/** Where a caller stands: how many are left of its quota, and after how many milliseconds it begins anew. */
export interface Standing {
  left: number;
  renewsIn: number;
  /** Whether this one was too many. */
  over: boolean;
}

interface Count {
  used: number;
  /** When the time is over that began with the first. */
  until: number;
}

/**
 * Counts for each of a bounded number of callers, by fixed windows that begin with the first request of each. Counting is synchronous
 * and takes no timer; who was silent longest is forgotten first.
 */
export class QuotaCounter {
  private readonly counts: LRUCache<string, Count>;

  constructor(
    readonly quota: Quota,
    mostCallers: number,
  ) {
    this.counts = new LRUCache({ max: mostCallers });
  }

  /** Counts one. @param now milliseconds, by any clock that does not go back */
  take(caller: string, now: number): Standing {
    const count = this.at(caller, now);
    count.used++;
    return this.standing(count, now);
  }

  /** Milliseconds until the caller has some of its quota again; 0 when it has. */
  spent(caller: string, now: number): number {
    const count = this.counts.get(caller);
    return count && now < count.until && count.used >= this.quota.amount ? count.until - now : 0;
  }

  /** Callers that are counted. */
  get size(): number {
    return this.counts.size;
  }

  private at(caller: string, now: number): Count {
    const known = this.counts.get(caller);
    if (known && now < known.until) return known;
    const fresh = { used: 0, until: now + this.quota.window };
    this.counts.set(caller, fresh);
    return fresh;
  }

  private standing({ used, until }: Count, now: number): Standing {
    const { amount } = this.quota;
    return { left: Math.max(0, amount - used), renewsIn: until - now, over: used > amount };
  }
}
