import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { AnswerStore } from './answer-store.js';
import { SharedStore } from './shared-store.js';

/** Degraded while a shared cache does not work: predictions go on without it, so it is never down. */
@Injectable()
export class CacheHealth {
  readonly name = 'cache';

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly store: AnswerStore,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(this.name);
    const { store } = this;
    if (!(store instanceof SharedStore)) return indicator.up();
    await store.check();
    return store.trouble === null
      ? indicator.up({ ...store.counters })
      : indicator.degraded({ ...store.counters, reason: store.trouble });
  }
}
