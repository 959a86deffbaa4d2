import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Catalog } from './catalog.js';
import { Readiness } from './readiness.service.js';

/** Most versions whose states are told. */
const MOST_SHOWN = 200;

/**
 * Down while models are loaded for the first time, and when an inference thread is gone. A model that failed to load only
 * degrades: the others are served.
 */
@Injectable()
export class ModelsHealth {
  readonly name = 'models';

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly catalog: Catalog,
    private readonly readiness: Readiness,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check(this.name);
    const reason = this.readiness.ofModels;
    if (reason !== null) return indicator.down(reason);
    const versions = this.catalog
      .list()
      .flatMap((model) => model.versions.map((entry) => ({ name: model.name, ...entry })));
    const failed = versions
      .filter(({ state }) => state === 'failed')
      .map(({ name, version }) => `${name}/${version}`);
    const ready = versions.filter(({ state }) => state === 'ready').length;
    const waitingRows = versions.reduce((sum, { loaded }) => sum + (loaded?.waiting ?? 0), 0);
    const shown = versions.slice(0, MOST_SHOWN);
    const states = Object.fromEntries(shown.map(({ name, version, state }) => [`${name}/${version}`, state]));
    const told = { ready, waitingRows, states };
    return failed.length > 0 ? indicator.degraded({ ...told, failed }) : indicator.up(told);
  }

  /** Down when nothing but a restart of the process helps, so that whoever watches over it restarts it. */
  checkLive(): HealthIndicatorResult {
    const indicator = this.indicators.check('threads');
    const reason = this.readiness.restartNeeded;
    return reason === null ? indicator.up() : indicator.down(reason);
  }

  checkStarted(): HealthIndicatorResult {
    const indicator = this.indicators.check(this.name);
    return this.readiness.started ? indicator.up() : indicator.down('models are being loaded');
  }
}
