import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { JournalService } from './journal.service.js';

/** Down while the disk takes no records. */
@Injectable()
export class JournalHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly journal: JournalService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('journal');
    const { writable, restarting, givenUp } = await this.journal.check();
    if (writable) return indicator.up();
    if (givenUp) return indicator.down('the journal thread died again and again; a restart is needed');
    return indicator.down(
      restarting ? 'the journal thread died and is started again' : 'records cannot be written',
    );
  }
}
