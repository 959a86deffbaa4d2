import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { JournalService } from './journal.service.js';

/** Records that wait longer, in milliseconds, are a sign of a disk in trouble. */
const LONG_LAG_MS = 5000;

/** Down while the disk takes no records, degraded while it takes them slowly. */
@Injectable()
export class JournalHealth {
  readonly name = 'journal';
  readonly downWhenLate = true;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly journal: JournalService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(this.name);
    const { writable, restarting, givenUp } = await this.journal.check();
    const { lag, waiting } = this.journal;
    const behind = { lagMs: Math.round(lag), waitingBytes: waiting };
    if (writable && lag > LONG_LAG_MS)
      return indicator.degraded({ ...behind, reason: 'records wait long for the disk' });
    if (writable) return indicator.up(behind);
    if (givenUp) return indicator.down('the journal thread died again and again; a restart is needed');
    return indicator.down(
      restarting ? 'the journal thread died and is started again' : 'records cannot be written',
    );
  }
}
