import { Injectable } from '@nestjs/common';
import { Histogram, SIZE_BOUNDS } from '../histogram.js';
import { Catalog } from '../prediction/catalog.js';
import type { ModelVersion } from '../prediction/model-version.js';
import { InferencePool } from '../prediction/onnx/pool.js';
import { BulkService } from '../prediction/bulk/bulk.service.js';
import { by, counter, gauge, histogram, type Family, type Labels, type Sample } from './family.js';
import type { Bounds, MetricSource } from './source.js';

/** Most versions that are told each for itself; the rest are left out, and their number is told. */
export const MOST_VERSIONS = 200;

interface Served {
  labels: Labels;
  version: ModelVersion;
}

/** Models: what was asked of each version that is loaded now. */
@Injectable()
export class InferenceMetrics implements MetricSource {
  constructor(
    private readonly catalog: Catalog,
    private readonly pool: InferencePool,
    private readonly bulk: BulkService,
  ) {}

  families(): Family[] {
    const all = this.served();
    const told = all.slice(0, MOST_VERSIONS);
    const each = (value: (version: ModelVersion) => number): Sample[] =>
      told.map(({ labels, version }) => ({ labels, value: value(version) }));
    const histograms = (
      of: (version: ModelVersion) => Histogram,
    ): { labels: Labels; histogram: Histogram }[] =>
      told.map(({ labels, version }) => ({ labels, histogram: of(version) }));
    return [
      counter(
        'oriel_inference_requests_total',
        'Questions to a model, by whether it answered.',
        told.flatMap(requestsOf),
      ),
      counter(
        'oriel_inference_rows_total',
        'Rows that went through a model.',
        each(({ statistics }) => statistics.rows),
      ),
      histogram(
        'oriel_inference_queue_seconds',
        'How long questions waited for the run that answered them.',
        histograms(({ statistics }) => statistics.waits),
      ),
      histogram(
        'oriel_inference_run_seconds',
        'How long runs took in the runtime.',
        histograms(({ statistics }) => statistics.runs),
      ),
      histogram(
        'oriel_inference_batch_rows',
        'Rows that went through a model together.',
        histograms(batchesOf),
      ),
      gauge(
        'oriel_inference_waiting_rows',
        'Rows that wait for a model.',
        each(({ waiting }) => waiting),
      ),
      gauge('oriel_inference_threads', 'Inference threads, by what they do.', by('state', this.threads())),
      gauge('oriel_model_versions', 'Versions of models, by their state.', by('state', this.states())),
      gauge(
        'oriel_model_versions_untold',
        'Loaded versions beyond those that are told each for itself.',
        all.length - told.length,
      ),
      counter(
        'oriel_bulk_rows_total',
        'Rows of CSV and NDJSON bodies, by what became of them.',
        by('result', this.bulkRows()),
      ),
    ];
  }

  bounds(): Bounds {
    const versions = this.served().map(({ version }) => version);
    const most = (of: (version: ModelVersion) => number): number => Math.max(0, ...versions.map(of));
    const { figures, active } = this.bulk;
    return {
      maxQueue: { used: most(({ waiting }) => waiting) },
      maxBatch: { used: most(({ statistics }) => Math.max(0, ...statistics.batches.keys())) },
      inferenceThreads: { used: this.pool.lanes.busy },
      bulkRequests: { used: active },
      bulkSpool: { used: figures.mostWaiting, hits: figures.timesFull },
      lineLimit: { hits: figures.tooLong },
    };
  }

  private served(): Served[] {
    return this.catalog
      .list()
      .flatMap(({ name, versions }) =>
        versions.flatMap(({ version, loaded }) =>
          loaded ? [{ labels: { model: name, version }, version: loaded }] : [],
        ),
      );
  }

  private states(): Record<string, number> {
    const states: Record<string, number> = { loading: 0, ready: 0, failed: 0, unloaded: 0 };
    for (const { versions } of this.catalog.list())
      for (const { state } of versions) states[state] = (states[state] ?? 0) + 1;
    return states;
  }

  private threads(): Record<string, number> {
    const { count, busy } = this.pool.lanes;
    return { busy, idle: count - busy };
  }

  private bulkRows(): Record<string, number> {
    const { answered, wrong } = this.bulk.figures;
    return { answered, wrong };
  }
}

function requestsOf({ labels, version: { statistics } }: Served): Sample[] {
  const { success, fail } = statistics;
  return [
    { labels: { ...labels, result: 'answered' }, value: success.count },
    { labels: { ...labels, result: 'failed' }, value: fail.count },
  ];
}

/** The statistics know each size, so nothing need be counted twice. */
function batchesOf({ statistics: { batches } }: ModelVersion): Histogram {
  const sizes = new Histogram(SIZE_BOUNDS);
  for (const [size, { run }] of batches) sizes.add(size, run.count);
  return sizes;
}
