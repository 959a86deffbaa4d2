import { Injectable } from '@nestjs/common';
import { InFlight } from '../http/in-flight.js';
import { RecorderService } from './recorder.service.js';

/** Knows up to when the record is complete: a page of what lies before is the same whenever it is read. */
@Injectable()
export class SettledPast {
  constructor(
    private readonly inFlight: InFlight,
    private readonly recorder: RecorderService,
  ) {}

  /** Epoch milliseconds: every request that arrived before is on record, or never will be. */
  get until(): number {
    const now = Date.now();
    return Math.min(this.inFlight.oldest ?? now, this.recorder.unsettledSince ?? now);
  }
}
