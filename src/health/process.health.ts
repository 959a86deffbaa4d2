import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { SETTINGS, type Settings } from '../config/settings.js';
import { Drain } from '../http/drain.js';
import { EventLoop } from './event-loop.js';

/** Down from the moment this process was asked to leave; degraded while its event loop is late. */
@Injectable()
export class ProcessHealth {
  readonly name = 'process';

  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly drain: Drain,
    private readonly loop: EventLoop,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check(this.name);
    if (this.drain.started) return indicator.down('shutting down');
    const { p99, max } = this.loop.delay;
    const delay = { loopDelayP99Ms: rounded(p99), loopDelayMaxMs: rounded(max) };
    if (p99 <= this.settings.maxLoopDelay) return indicator.up(delay);
    return indicator.degraded({ ...delay, reason: 'the event loop is late (ORIEL_MAX_LOOP_DELAY)' });
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
