import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { AlarmsService } from './streams/alarms.service.js';

/** Degraded while too many events of a stream come late. */
@Injectable()
export class WindowsHealth {
  readonly name = 'streams';

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly alarms: AlarmsService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(this.name);
    const raised = await this.alarms.raised();
    if (raised === null) return indicator.degraded({ alarms: 'cannot be read now' });
    return raised.length > 0 ? indicator.degraded({ alarms: raised }) : indicator.up();
  }
}
