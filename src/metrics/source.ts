import type { Settings } from '../config/settings.js';
import type { Family } from './family.js';

/** How a bound is used: how much of it now, and how often it was hit in ways that no problem tells. */
export interface BoundUse {
  used?: number;
  hits?: number;
}

export type Bounds = Readonly<Partial<Record<keyof Settings, BoundUse>>>;

/** What one domain has to tell. It only reads: nothing waits for another thread. */
export interface MetricSource {
  families(): readonly Family[] | Promise<readonly Family[]>;
  /** Settings that bound something, by how much of them is used. */
  bounds?(): Bounds | Promise<Bounds>;
}

/** The dependency injection token of all sources, in the order in which they are told. */
export const METRIC_SOURCES = Symbol('MetricSources');
