import { Global, Module } from '@nestjs/common';
import { LongReadsService } from './long-reads.service.js';
import { ReadersService } from './readers.service.js';

/** Reading access to the database; writing goes through the journal. */
@Global()
@Module({ providers: [ReadersService, LongReadsService], exports: [ReadersService, LongReadsService] })
export class DatabaseModule {}
