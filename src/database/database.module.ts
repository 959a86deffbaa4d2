import { Global, Module } from '@nestjs/common';
import { ReadersService } from './readers.service.js';

/** Reading access to the database; writing goes through the journal. */
@Global()
@Module({ providers: [ReadersService], exports: [ReadersService] })
export class DatabaseModule {}
