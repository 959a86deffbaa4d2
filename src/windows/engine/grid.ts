import { CalendarGrid } from './calendar.js';
import type {
  CalendarWindow,
  CumulativeWindow,
  HoppingWindow,
  TumblingWindow,
  WindowDefinition,
} from './definition.js';

/** Definitions whose windows lie in time by themselves, whatever events there are. */
export type AlignedWindow = TumblingWindow | HoppingWindow | CumulativeWindow | CalendarWindow;

export function isAligned(window: WindowDefinition): window is AlignedWindow {
  return window.type !== 'sliding' && window.type !== 'session';
}

/** Where the windows of one definition lie. No two of them have the same end, so that an end stands for its window. */
export interface Grid {
  /** The earliest end after `time`. */
  endAfter(time: number): number;
  /** The start of the window with this end. */
  startOf(end: number): number;
  /** The end of the last window that holds `time`; −∞ where none does. */
  lastEnd(time: number): number;
}

/** Divides time so that every window of some definitions is made of whole slices. */
export interface Slicing {
  /** Where the slice that holds `time` begins. */
  sliceOf(time: number): number;
}

export function gridOf(window: AlignedWindow): Grid {
  switch (window.type) {
    case 'tumbling':
      return new HoppingGrid(window.size, window.size, window.offset);
    case 'hopping':
      return new HoppingGrid(window.size, window.every, window.offset);
    case 'cumulative':
      return new CumulativeGrid(window.size, window.step, window.offset);
    case 'calendar':
      return new CalendarGrid(window);
  }
}

/** The windows that overlap `[from, to)`, by start, then end. */
export function* spansBetween(
  window: AlignedWindow,
  from: number,
  to: number,
): Generator<{ start: number; end: number }> {
  const grid = gridOf(window);
  for (let end = grid.endAfter(from); ; end = grid.endAfter(end)) {
    const start = grid.startOf(end);
    if (start >= to) return;
    yield { start, end };
  }
}

/** `[offset + k · every, offset + k · every + size)` for every whole `k`. */
export class HoppingGrid implements Grid {
  constructor(
    private readonly size: number,
    private readonly every: number,
    private readonly offset: number,
  ) {}

  endAfter(time: number): number {
    return below(time - this.size, this.every, this.offset) + this.every + this.size;
  }

  startOf(end: number): number {
    return end - this.size;
  }

  lastEnd(time: number): number {
    const end = below(time, this.every, this.offset) + this.size;
    return end > time ? end : -Infinity;
  }
}

/** `[base, base + k · step)` for every `base` that is `offset` and a multiple of `size`, and `k` from 1 to size / step. */
class CumulativeGrid implements Grid {
  constructor(
    private readonly size: number,
    private readonly step: number,
    private readonly offset: number,
  ) {}

  endAfter(time: number): number {
    return below(time, this.step, this.offset) + this.step;
  }

  startOf(end: number): number {
    return below(end - 1, this.size, this.offset);
  }

  lastEnd(time: number): number {
    return below(time, this.size, this.offset) + this.size;
  }
}

/** The last of `offset + k · period` at or before `time`. */
export function below(time: number, period: number, offset: number): number {
  return Math.floor((time - offset) / period) * period + offset;
}
