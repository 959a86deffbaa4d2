import type { Histogram } from '../histogram.js';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  labels: Labels;
  value: number;
}

/** All that has one name: a kind, a sentence, and its samples, each with labels of its own. */
export type Family = { name: string; help: string } & (
  | { type: 'counter' | 'gauge'; samples: readonly Sample[] }
  | { type: 'histogram'; samples: readonly { labels: Labels; histogram: Histogram }[] }
);

const NONE: Labels = {};

/** @param name ends in `_total` @param samples one without labels where it is a number */
export function counter(name: string, help: string, samples: number | readonly Sample[]): Family {
  return { name, help, type: 'counter', samples: samplesOf(samples) };
}

/** @param samples one without labels where it is a number; none where it is null, since nobody knows */
export function gauge(name: string, help: string, samples: number | null | readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples: samples === null ? [] : samplesOf(samples) };
}

export function histogram(
  name: string,
  help: string,
  samples: Histogram | readonly { labels: Labels; histogram: Histogram }[],
): Family {
  const all = 'bounds' in samples ? [{ labels: NONE, histogram: samples }] : samples;
  return { name, help, type: 'histogram', samples: all };
}

/** Samples of numbers under the values of one label. */
export function by(
  label: string,
  values: Readonly<Record<string, number>> | ReadonlyMap<string, number>,
): Sample[] {
  const entries = isMap(values) ? [...values] : Object.entries(values);
  return entries.map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function isMap(values: object): values is ReadonlyMap<string, number> {
  return values instanceof Map;
}

function samplesOf(samples: number | readonly Sample[]): readonly Sample[] {
  return typeof samples === 'number' ? [{ labels: NONE, value: samples }] : samples;
}
