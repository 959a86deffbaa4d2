import { CacheModule } from '@nestjs/cache-manager';
import { Global, Module } from '@nestjs/common';
import { Keyv } from 'keyv';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { AnswerStore } from './answer-store.js';
import { PredictionCache } from './prediction-cache.service.js';

/** The memory under the cache manager, for whoever must purge it. */
@Global()
@Module({
  providers: [
    {
      provide: AnswerStore,
      inject: [SETTINGS],
      useFactory: ({ cacheBytes }: Settings) => new AnswerStore(cacheBytes),
    },
  ],
  exports: [AnswerStore],
})
class AnswerStoreModule {}

/** The server's cache of results: cache-manager over a memory that is bounded in bytes. */
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
