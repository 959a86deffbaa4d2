import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Drain } from '../http/drain.js';

/** Down from the moment this process was asked to leave. */
@Injectable()
export class ProcessHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly drain: Drain,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('process');
    return this.drain.started ? indicator.down('shutting down') : indicator.up();
  }
}
