import { Module } from '@nestjs/common';
import { StreamKeeper } from './stream-keeper.service.js';

/** Keeps the streams: ticks, snapshots, retention. */
@Module({ providers: [StreamKeeper], exports: [StreamKeeper] })
export class KeepingModule {}
