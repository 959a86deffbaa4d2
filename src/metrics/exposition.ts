import { Registry, type RegistryContentType } from 'prom-client';
import type { Family } from './family.js';

/** The two forms in which metrics are told: Prometheus text 0.0.4, and OpenMetrics 1.0.0. */
export type Form = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Form, RegistryContentType>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** A metric as prom-client's registry writes it. */
export interface Written {
  name: string;
  help: string;
  type: string;
  values: { value: number; labels: Readonly<Record<string, string | number>>; metricName?: string }[];
}

/**
 * Writes families in a form, and after them what prom-client has collected itself. prom-client's own counters and histograms are left aside: they look their labels up at every
 * observation, and its registry changes their names for good once it has told them as OpenMetrics.
 */
export async function write(
  families: readonly Family[],
  others: readonly Written[],
  form: Form,
): Promise<string> {
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(CONTENT_TYPES[form]);
  for (const written of [...families.map(writtenOf), ...others]) {
    // OpenMetrics calls the family of a counter without the ending that its sample has.
    const bare = form === 'openmetrics' && written.type === 'counter';
    const name = bare ? written.name.replace(/_total$/, '') : written.name;
    registry.registerMetric({ ...written, name, get: () => Promise.resolve({ ...written, name }) } as never);
  }
  return registry.metrics();
}

function writtenOf(family: Family): Written {
  const { name, help, type } = family;
  if (family.type !== 'histogram')
    return { name, help, type, values: family.samples.map(({ value, labels }) => ({ value, labels })) };
  const values: Written['values'] = [];
  for (const { labels, histogram } of family.samples) {
    let count = 0;
    histogram.counts.forEach((some, index) => {
      count += some;
      const le = histogram.bounds[index] ?? '+Inf';
      values.push({ metricName: `${name}_bucket`, labels: { le, ...labels }, value: count });
    });
    values.push({ metricName: `${name}_sum`, labels, value: histogram.sum });
    values.push({ metricName: `${name}_count`, labels, value: count });
  }
  return { name, help, type, values };
}
