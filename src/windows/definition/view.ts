import { formatDuration } from '../../units.js';
import type { AggregateDefinition, StreamDefinition, WindowDefinition } from '../engine/definition.js';
import type { Json } from '../engine/messages.js';

interface JsonObject {
  readonly [name: string]: Json;
}

/** The definition of a stream as the API shows it: every default, durations as texts. `readDefinition` reads it back to the same. */
export function viewDefinition(definition: StreamDefinition): JsonObject {
  const { key, source, id, eventTime, sentAt, watermark, alarm, windows, retention } = definition;
  const { type, bound, idleAfter, futureLimit } = watermark;
  return {
    key,
    source,
    id,
    eventTime,
    sentAt,
    watermark: {
      type,
      ...(type === 'bounded' && { bound: formatDuration(bound) }),
      idleAfter: orNull(idleAfter),
      futureLimit: orNull(futureLimit),
    },
    dedupeFor: formatDuration(definition.dedupeFor),
    lateness: formatDuration(definition.lateness),
    alarm: alarm && { ...alarm, over: formatDuration(alarm.over) },
    windows: each(windows, viewWindow),
    retention: { events: orNull(retention.events), windows: orNull(retention.windows) },
  };
}

const DURATIONS: ReadonlySet<string> = new Set(['size', 'offset', 'every', 'step', 'gap', 'maxSize']);

function viewWindow({ aggregates, ...own }: WindowDefinition): JsonObject {
  const members = Object.entries(own).map(([name, value]: [string, string | number | null]) => [
    name,
    typeof value === 'number' && DURATIONS.has(name) ? formatDuration(value) : value,
  ]);
  return { ...(Object.fromEntries(members) as JsonObject), aggregates: each(aggregates, viewAggregate) };
}

function viewAggregate({ op, field, q }: AggregateDefinition): JsonObject {
  return { op, ...(field !== null && { field }), ...(q !== null && { q }) };
}

function each<T>(named: Readonly<Record<string, T>>, view: (one: T) => Json): JsonObject {
  return Object.fromEntries(Object.entries(named).map(([name, one]) => [name, view(one)]));
}

function orNull(ms: number | null): string | null {
  return ms === null ? null : formatDuration(ms);
}
