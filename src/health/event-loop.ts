import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How often the loop is asked whether it is on time; it is late by what a look comes later than that. In milliseconds. */
const LOOK_MS = 20;
/** How long one measurement goes on; the last whole one is told. */
const PERIOD_MS = 5000;

/** How late the event loop was, in milliseconds. */
export interface LoopDelay {
  p99: number;
  max: number;
}

/** Measures how late the event loop is: all that the main thread does is late by as much. */
@Injectable()
export class EventLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly monitor: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOK_MS });
  private timer: NodeJS.Timeout | undefined;
  /** That of the last five seconds that were measured; nothing before that. */
  delay: LoopDelay = { p99: 0, max: 0 };

  onApplicationBootstrap(): void {
    this.monitor.enable();
    this.timer = setInterval(() => {
      this.delay = this.measured();
      this.monitor.reset();
    }, PERIOD_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.monitor.disable();
  }

  private measured(): LoopDelay {
    if (this.monitor.count === 0) return { p99: 0, max: 0 };
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOK_MS);
    return { p99: late(this.monitor.percentile(99)), max: late(this.monitor.max) };
  }
}
