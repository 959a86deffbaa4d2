import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { InFlight } from '../http/in-flight.js';
import { JournalService } from '../journal/journal.service.js';

/** How long after its answer a record may still wait for the disk in buffered mode, in milliseconds; as long as nothing is stuck. */
const BUFFERED_MARGIN = 5000;

/** Knows up to when the record is complete: a page of what lies before is the same whenever it is read. */
@Injectable()
export class SettledPast {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly inFlight: InFlight,
    private readonly journal: JournalService,
  ) {}

  /** Epoch milliseconds: every request that arrived before is on record, or never will be. */
  get until(): number {
    const oldest = this.inFlight.oldest ?? Date.now();
    if (this.settings.audit === 'strict') return oldest;
    return this.journal.waiting > 0 ? 0 : Math.min(oldest, Date.now() - BUFFERED_MARGIN);
  }
}
