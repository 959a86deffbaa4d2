import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Catalog } from './catalog.js';
import { LoaderService } from './loader.service.js';
import { InferencePool } from './onnx/pool.js';

/**
 * Down while models are loaded for the first time, and when an inference thread is gone. A model that failed to load only
 * degrades: the others are served.
 */
@Injectable()
export class ModelsHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly catalog: Catalog,
    private readonly loader: LoaderService,
    private readonly pool: InferencePool,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('models');
    if (!this.loader.done) return indicator.down('models are being loaded');
    if (!this.pool.alive) return indicator.down('an inference thread is gone');
    const versions = this.catalog
      .list()
      .flatMap((model) => model.versions.map((entry) => ({ name: model.name, ...entry })));
    const failed = versions
      .filter(({ state }) => state === 'failed')
      .map(({ name, version }) => `${name}/${version}`);
    const ready = versions.filter(({ state }) => state === 'ready').length;
    return failed.length > 0 ? indicator.degraded({ ready, failed }) : indicator.up({ ready });
  }

  checkStarted(): HealthIndicatorResult {
    const indicator = this.indicators.check('models');
    return this.loader.done ? indicator.up() : indicator.down('models are being loaded');
  }
}
