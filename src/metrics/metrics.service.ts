import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { Refusals } from '../http/refusals.js';
import { write, type Form } from './exposition.js';
import { limitFamilies } from './limits.js';
import { NodeMetrics } from './node.metrics.js';
import { METRIC_SOURCES, type MetricSource } from './source.js';

/** All that there is to measure, as it is now. Nothing is made ready before somebody asks. */
@Injectable()
export class MetricsService {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(METRIC_SOURCES) private readonly sources: readonly MetricSource[],
    private readonly refusals: Refusals,
    private readonly node: NodeMetrics,
  ) {}

  async tell(form: Form): Promise<string> {
    const families = await Promise.all(this.sources.map(async (source) => source.families()));
    const uses = await Promise.all(this.sources.map(async (source) => source.bounds?.() ?? {}));
    const limits = limitFamilies(this.settings, uses, this.refusals.all);
    return write([...families.flat(), ...limits], await this.node.all(), form);
  }
}
