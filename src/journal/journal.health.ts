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
    const { writable } = await this.journal.check();
    return writable ? indicator.up() : indicator.down('records cannot be written');
  }
}
