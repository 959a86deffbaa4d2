import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How often the loop is asked whether it is on time; it is late by what a look comes later than that. In milliseconds. */
const LOOK_MS = 20;
/** How long one measurement goes on. What is told is the worse of the last two: of five to ten seconds. */
const PERIOD_MS = 5000;

/** How late the event loop was, in milliseconds. */
export interface LoopDelay {
  p99: number;
  max: number;
}

/** Measures how late the event loop is: all that the main thread does is late by as much. */
@Injectable()
export class EventLoop implements OnModuleInit, OnModuleDestroy {
  private readonly monitor: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOK_MS });
  private timer: NodeJS.Timeout | undefined;
  private before: LoopDelay = { p99: 0, max: 0 };

  onModuleInit(): void {
    this.monitor.enable();
    this.timer = setInterval(() => {
      this.before = this.measured();
      this.monitor.reset();
    }, PERIOD_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.monitor.disable();
  }

  get delay(): LoopDelay {
    const now = this.measured();
    return { p99: Math.max(now.p99, this.before.p99), max: Math.max(now.max, this.before.max) };
  }

  private measured(): LoopDelay {
    if (this.monitor.count === 0) return { p99: 0, max: 0 };
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOK_MS);
    return { p99: late(this.monitor.percentile(99)), max: late(this.monitor.max) };
  }
}
