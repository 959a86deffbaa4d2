import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { CheckpointService } from '../journal/checkpoint.service.js';
import { JournalService } from '../journal/journal.service.js';
import { RecorderService } from './recorder.service.js';
import { VerificationService } from './verification/verification.service.js';

/** Degraded once a record was lost, or when the record was found to be changed; whether records can be written now is the journal's own check. */
@Injectable()
export class AuditHealth {
  readonly name = 'audit';

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly recorder: RecorderService,
    private readonly journal: JournalService,
    private readonly checkpoints: CheckpointService,
    private readonly verification: VerificationService,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check(this.name);
    const { lost, refused, buffered } = this.recorder;
    const { last } = this.verification;
    const told = { lost, refused, buffered, ...this.chain() };
    if (last && !last.verdict.valid)
      return indicator.degraded({ ...told, reason: 'the record is not as it was written' });
    return lost > 0 ? indicator.degraded({ ...told, reason: 'records were lost' }) : indicator.up(told);
  }

  /** Where the chain ends, where that was signed last, and what came of it when it was last looked through. */
  private chain(): object {
    const { last: checkpoint } = this.checkpoints;
    const { last } = this.verification;
    return {
      seq: this.journal.figures.seq,
      checkpoint: checkpoint && { seq: checkpoint.seq, time: checkpoint.time, head: checkpoint.head },
      verified: last && { time: new Date(last.at).toISOString(), ...last.verdict },
    };
  }
}
