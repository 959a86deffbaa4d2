import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Written } from './exposition.js';

/** What prom-client knows of any Node process: CPU time, memory, files, garbage collection. It looks from the first time it is asked. */
@Injectable()
export class NodeMetrics {
  private registry: Registry | undefined;

  async all(): Promise<Written[]> {
    if (!this.registry) collectDefaultMetrics({ register: (this.registry = new Registry()) });
    const all = (await this.registry.getMetricsAsJSON()) as unknown as Written[];
    // Since the last look the loop may not have been looked at: its least delay would then be the greatest number there is.
    const unknown = all.some(({ values }) => values.some(({ value }) => Number.isNaN(value)));
    return all
      .filter(({ name, type }) => type === 'counter' || !name.endsWith('_total')) // which only counters are called
      .filter(({ name }) => !unknown || !name.startsWith('nodejs_eventloop_lag_'));
  }
}
