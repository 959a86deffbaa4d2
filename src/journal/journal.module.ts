import { Global, Module } from '@nestjs/common';
import { CheckpointService } from './checkpoint.service.js';
import { JournalService } from './journal.service.js';

@Global()
@Module({
  providers: [JournalService, CheckpointService],
  exports: [JournalService, CheckpointService],
})
export class JournalModule {}
