import type { StreamDefinition } from './engine/definition.js';
import type { AlarmChange, Span } from './engine/messages.js';
import { formatDuration } from '../units.js';
import type { LateRow } from './queries/messages.js';
import { shownKey, shownTime } from './shown.js';

/** An event that missed a window, as the API shows it. */
export function shownLate(definition: Pick<StreamDefinition, 'key'>, late: LateRow): object {
  const { seq, time, received, lateBy, key, event, missed, counted } = late;
  return {
    seq,
    key: shownKey(definition, key),
    time: shownTime(time),
    received: shownTime(received),
    lateBy: lateBy > 0 ? formatDuration(lateBy) : null, // after the end of input nobody can say
    event,
    missed: missed.map(shownSpan),
    counted: counted.map(shownSpan),
  };
}

export function shownAlarm({ raised, at, lateRatio, events }: AlarmChange): object {
  return { raised, at: shownTime(at), lateRatio, events };
}

function shownSpan({ window, start, end }: Span): object {
  return { window, start: shownTime(start), end: shownTime(end) };
}
