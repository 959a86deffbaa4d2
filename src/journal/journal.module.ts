import { Global, Module } from '@nestjs/common';
import { BUILT_ENTRIES, THREAD_ENTRIES } from '../threads/entries.js';
import { JournalService } from './journal.service.js';

@Global()
@Module({
  providers: [JournalService, { provide: THREAD_ENTRIES, useValue: BUILT_ENTRIES }],
  exports: [JournalService, THREAD_ENTRIES],
})
export class JournalModule {}
