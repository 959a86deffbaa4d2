import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { RecorderService } from './recorder.service.js';

/** Degraded once a record was lost; whether records can be written now is the journal's own check. */
@Injectable()
export class AuditHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly recorder: RecorderService,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('audit');
    const { lost, refused, buffered } = this.recorder;
    return lost > 0
      ? indicator.degraded({ lost, refused, buffered })
      : indicator.up({ lost, refused, buffered });
  }
}
