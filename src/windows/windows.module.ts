import { Module } from '@nestjs/common';
import { IngestionController } from './ingestion/ingestion.controller.js';
import { IngestionService } from './ingestion/ingestion.service.js';
import { JournalCalls } from './journal-calls.service.js';
import { LiveController } from './live/live.controller.js';
import { LiveService } from './live/live.service.js';
import { ClockController } from './reading/clock.controller.js';
import { FilledWindowsService } from './reading/filled-windows.service.js';
import { LateController } from './reading/late.controller.js';
import { WindowsController } from './reading/windows.controller.js';
import { WindowsService } from './reading/windows.service.js';
import { ReplayController } from './replay/replay.controller.js';
import { AlarmsService } from './streams/alarms.service.js';
import { StreamsController } from './streams/streams.controller.js';
import { StreamsService } from './streams/streams.service.js';

/** Streams of events and their windows: defined, fed, read, followed. */
@Module({
  controllers: [
    StreamsController,
    IngestionController,
    ClockController,
    LateController,
    LiveController, // before the windows, one of which nobody calls "live"
    WindowsController,
    ReplayController,
  ],
  providers: [
    JournalCalls,
    StreamsService,
    AlarmsService,
    IngestionService,
    WindowsService,
    FilledWindowsService,
    LiveService,
  ],
  exports: [AlarmsService, LiveService],
})
export class WindowsModule {}
