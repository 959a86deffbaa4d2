import type { StreamFigures } from '../messages.js';
import type { LoadedStream } from './loaded-stream.js';

/** Most streams that are told each for itself; all others are one. */
export const MOST_TOLD = 100;

/** What there is to measure of streams, the oldest first; those beyond the bound added up under an empty name. */
export function figuresOf(streams: readonly LoadedStream[]): StreamFigures[] {
  const told = streams.slice(0, MOST_TOLD).map(figuresOfOne);
  const others = streams.slice(MOST_TOLD).map(figuresOfOne);
  return others.length === 0 ? told : [...told, others.reduce(sum)];
}

function figuresOfOne({ name, engine, duplicates, rejected }: LoadedStream): StreamFigures {
  const { watermark, counters, size, alarmed } = engine;
  return { name, watermark, ...counters, duplicates, rejected, ...size, alarms: alarmed ? 1 : 0 };
}

/** Of several streams: counts added up, and the clock that is most behind. */
function sum(a: StreamFigures, b: StreamFigures): StreamFigures {
  return {
    name: '',
    watermark: Math.min(a.watermark, b.watermark),
    accepted: a.accepted + b.accepted,
    lateEvents: a.lateEvents + b.lateEvents,
    lateWindows: a.lateWindows + b.lateWindows,
    future: a.future + b.future,
    unassigned: a.unassigned + b.unassigned,
    duplicates: a.duplicates + b.duplicates,
    rejected: a.rejected + b.rejected,
    keys: a.keys + b.keys,
    held: a.held + b.held,
    sources: a.sources + b.sources,
    alarms: a.alarms + b.alarms,
  };
}
