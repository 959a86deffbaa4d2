import { Injectable } from '@nestjs/common';
import { LongReadsService } from '../database/long-reads.service.js';
import { ReadersService } from '../database/readers.service.js';
import { DiskSpace } from '../health/disk-space.js';
import { EventLoop } from '../health/event-loop.js';
import { packageVersion } from '../package-version.js';
import { Readiness } from '../prediction/readiness.service.js';
import { threadFigures } from '../threads/thread-figures.js';
import { by, counter, gauge, type Family } from './family.js';
import type { Bounds, MetricSource } from './source.js';

/** The process, its threads, and the machine as far as it matters here. */
@Injectable()
export class ProcessMetrics implements MetricSource {
  private readonly version = packageVersion();

  constructor(
    private readonly loop: EventLoop,
    private readonly disk: DiskSpace,
    private readonly readiness: Readiness,
    private readonly readers: ReadersService,
    private readonly longReads: LongReadsService,
  ) {}

  async families(): Promise<Family[]> {
    const { p99, max } = this.loop.delay;
    const space = await this.disk.now().catch(() => null);
    return [
      gauge('oriel_build_info', 'The version of Oriel; always 1.', by('version', { [this.version]: 1 })),
      gauge(
        'oriel_ready',
        'Whether requests should be sent here, as far as is known.',
        this.readiness.lastKnown === null ? 1 : 0,
      ),
      gauge(
        'oriel_event_loop_delay_seconds',
        'How late the event loop was in the last 5 seconds that were measured.',
        [
          { labels: { of: 'p99' }, value: p99 / 1000 },
          { labels: { of: 'max' }, value: max / 1000 },
        ],
      ),
      gauge('oriel_disk_free_bytes', 'Bytes that are free where the data folder is.', space && space.free),
      gauge(
        'oriel_disk_size_bytes',
        'Bytes of the file system that the data folder is in.',
        space && space.size,
      ),
      counter(
        'oriel_threads_started_total',
        'Threads that were started, by their kind.',
        by('kind', all(threadFigures.started)),
      ),
      counter(
        'oriel_threads_died_total',
        'Threads that died; each is replaced.',
        by('kind', all(threadFigures.died)),
      ),
      gauge(
        'oriel_queries_waiting',
        'Queries of the record and of streams that wait for a thread.',
        this.readers.waiting,
      ),
      gauge(
        'oriel_long_reads',
        'Exports, verifications and replays that are under way.',
        this.longReads.active,
      ),
    ];
  }

  async bounds(): Promise<Bounds> {
    const space = await this.disk.now().catch(() => null);
    return {
      maxLoopDelay: { used: this.loop.delay.p99 / 1000 },
      readerQueue: { used: this.readers.waiting },
      readerThreads: { used: this.readers.busy },
      exports: { used: this.longReads.active },
      ...(space ? { minFreeDisk: { used: space.free } } : {}),
    };
  }
}

/** Kinds that have no figure yet have one that is 0: an alert needs it to see the first. */
function all(figures: ReadonlyMap<string, number>): Record<string, number> {
  return { journal: 0, inference: 0, reader: 0, 'long-reader': 0, ...Object.fromEntries(figures) };
}
