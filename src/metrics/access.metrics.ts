import { Injectable } from '@nestjs/common';
import { DoorkeeperService } from '../access/doorkeeper.service.js';
import { gauge, type Family } from './family.js';
import type { Bounds, MetricSource } from './source.js';

/** Who may ask: keys, and how much is remembered of callers. */
@Injectable()
export class AccessMetrics implements MetricSource {
  constructor(private readonly doorkeeper: DoorkeeperService) {}

  families(): Family[] {
    const { keys, failing } = this.doorkeeper.figures;
    return [
      gauge('oriel_keys', 'Keys that there are.', keys),
      gauge('oriel_failed_login_sources', 'Addresses from which credentials were wrong of late.', failing),
    ];
  }

  bounds(): Bounds {
    const { keys, credentials, counted } = this.doorkeeper.figures;
    return {
      maxKeys: { used: keys },
      credentialCache: { used: credentials },
      ratePrincipals: { used: counted },
    };
  }
}
