import { CacheModule } from '@nestjs/cache-manager';
import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Keyv } from 'keyv';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { AnswerStore } from './answer-store.js';
import { MemoryStore } from './memory-store.js';
import { PredictionCache } from './prediction-cache.service.js';
import type { RedisShelf } from './redis-shelf.js';
import { SharedStore } from './shared-store.js';

const REDIS = Symbol('RedisShelf');

function storeOf(settings: Settings, redis: RedisShelf | null): AnswerStore {
  if (!redis) return new MemoryStore(settings.cacheBytes);
  const log = new Logger('Cache');
  return new SharedStore(redis, { timeout: settings.cacheTimeout, ttl: settings.cacheTtl }, (reason) => {
    if (reason === null) log.log('the shared cache is in use again');
    else log.warn({ msg: 'the shared cache fails; predictions go on without it', reason });
  });
}

/** Its client is read only where there is a Redis: it is half a megabyte that no other start should wait for. */
async function redisOf({ cacheUrl }: Settings): Promise<RedisShelf | null> {
  if (cacheUrl === '') return null;
  const { RedisShelf } = await import('./redis-shelf.js');
  return new RedisShelf(cacheUrl);
}

/** What is under the cache manager, for whoever must purge it. */
@Global()
@Module({
  providers: [
    {
      provide: REDIS,
      inject: [SETTINGS],
      useFactory: redisOf,
    },
    { provide: AnswerStore, inject: [SETTINGS, REDIS], useFactory: storeOf },
  ],
  exports: [AnswerStore],
})
class AnswerStoreModule implements OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: RedisShelf | null) {
    redis?.open();
  }

  onApplicationShutdown(): void {
    this.redis?.close();
  }
}

/** The server's cache of results: cache-manager over a memory that is bounded in bytes, or over a Redis. */
@Module({
  imports: [
    AnswerStoreModule,
    CacheModule.registerAsync({
      inject: [AnswerStore],
      useFactory: (store: AnswerStore) => ({
        stores: [new Keyv({ store, useKeyPrefix: false, serialize: undefined, deserialize: undefined })],
      }),
    }),
  ],
  providers: [PredictionCache],
  exports: [PredictionCache],
})
export class CachingModule {}
