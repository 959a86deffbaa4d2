import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { SETTINGS, type Settings } from '../config/settings.js';
import { DiskSpace } from './disk-space.js';

/** Degraded while the disk of the data folder is nearly full; whether it takes records is the journal's own check. */
@Injectable()
export class DiskHealth {
  readonly name = 'disk';

  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly disk: DiskSpace,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(this.name);
    const space = await this.disk.now().catch(() => null);
    if (!space) return indicator.degraded({ reason: 'it cannot be told how much is free' });
    const told = { freeBytes: space.free, sizeBytes: space.size };
    if (space.free >= this.settings.minFreeDisk) return indicator.up(told);
    return indicator.degraded({ ...told, reason: 'the disk is nearly full (ORIEL_MIN_FREE_DISK)' });
  }
}
