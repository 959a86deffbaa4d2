import { Global, Module, type DynamicModule } from '@nestjs/common';
import { THREAD_ENTRIES, type ThreadEntries } from './entries.js';

/** Tells every module where the entry files of its threads are. */
@Global()
@Module({})
export class ThreadsModule {
  static with(entries: ThreadEntries): DynamicModule {
    return {
      module: ThreadsModule,
      providers: [{ provide: THREAD_ENTRIES, useValue: entries }],
      exports: [THREAD_ENTRIES],
    };
  }
}
