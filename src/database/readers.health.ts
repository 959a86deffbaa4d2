import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { LongReadsService } from './long-reads.service.js';
import { ReadersService } from './readers.service.js';

/** Degraded while queries of the record, or exports, are refused since the threads that answer them died again and again. */
@Injectable()
export class ReadersHealth {
  readonly name = 'readers';

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly readers: ReadersService,
    private readonly longReads: LongReadsService,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check(this.name);
    if (this.readers.exhausted)
      return indicator.degraded('reader threads died again and again; queries are refused for a minute');
    if (this.longReads.exhausted)
      return indicator.degraded('reader threads died again and again; exports are refused for a minute');
    return indicator.up();
  }
}
