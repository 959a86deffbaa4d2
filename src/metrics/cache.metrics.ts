import { Injectable } from '@nestjs/common';
import { PredictionCache } from '../prediction/caching/prediction-cache.service.js';
import { by, counter, gauge, type Family } from './family.js';
import type { Bounds, MetricSource } from './source.js';

const NO_ERRANDS = { failed: 0, skipped: 0, unreadable: 0 };

/** The server's cache of results. */
@Injectable()
export class CacheMetrics implements MetricSource {
  constructor(private readonly cache: PredictionCache) {}

  families(): Family[] {
    const { uses, memory, errands } = this.cache;
    return [
      counter(
        'oriel_cache_uses_total',
        'Questions to the cache: it had the answer, somebody else was asking just then, or the model had to be asked.',
        by('use', uses),
      ),
      gauge('oriel_cache_bytes', 'Bytes of results in the memory of this process.', memory.bytes),
      counter('oriel_cache_evicted_total', 'Results that were let go to make room.', memory.evicted),
      counter(
        'oriel_cache_trouble_total',
        'Errands to a shared cache that failed, were not tried since it had just failed, or brought what nobody can read.',
        by('kind', { ...(errands ?? NO_ERRANDS) }),
      ),
    ];
  }

  bounds(): Bounds {
    const { memory, errands } = this.cache;
    return {
      cacheBytes: { used: memory.bytes, hits: memory.evicted },
      cacheTimeout: { hits: errands?.failed ?? 0 },
    };
  }
}
