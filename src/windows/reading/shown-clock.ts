import { formatDuration } from '../../units.js';
import type { SourceClock } from '../engine/messages.js';
import type { StreamClock } from '../messages.js';
import { shownTime, shownWatermark } from '../shown.js';
import { shownAlarm } from '../shown-events.js';

/** The clock of a stream as the API shows it. */
export function shownClock(stream: string, { clock, duplicates, rejected }: StreamClock): object {
  const { watermark, sources, heldBackBy, windows, counters, delay, boundFor, alarm } = clock;
  const { accepted, lateEvents, lateWindows, future, unassigned } = counters;
  return {
    stream,
    watermark: shownWatermark(watermark),
    sources: sources.map(shownSource),
    heldBackBy: heldBackBy ?? null,
    windows: Object.fromEntries(
      Object.entries(windows).map(([name, { open, nextClose }]) => [
        name,
        { open, nextClose: nextClose === null ? null : shownTime(nextClose) },
      ]),
    ),
    counters: { accepted, duplicates, lateEvents, lateWindows, future, rejected, unassigned },
    delay: delay && durations(delay),
    boundFor: boundFor && durations(boundFor),
    alarm: alarm && shownAlarm(alarm),
  };
}

function shownSource({ source, watermark, maxEventTime, lastReceived, idle }: SourceClock): object {
  return {
    source,
    watermark: shownWatermark(watermark),
    maxEventTime: maxEventTime === null ? null : shownTime(maxEventTime),
    lastReceived: shownTime(lastReceived),
    idle,
  };
}

function durations(all: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).map(([name, ms]: [string, number]) => [
      name,
      formatDuration(Math.max(0, Math.ceil(ms))),
    ]),
  );
}
