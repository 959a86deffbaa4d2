import { Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { ModelsHealth } from '../prediction/models.health.js';
import type { Check } from './check.js';

/** Down until every model is ready or has failed. */
@Injectable()
export class StartupHealth implements Check {
  readonly name = 'models';

  constructor(private readonly models: ModelsHealth) {}

  check(): HealthIndicatorResult {
    return this.models.checkStarted();
  }
}

/** Down where only a restart helps, since threads died again and again. */
@Injectable()
export class LiveHealth implements Check {
  readonly name = 'threads';

  constructor(private readonly models: ModelsHealth) {}

  check(): HealthIndicatorResult {
    return this.models.checkLive();
  }
}
