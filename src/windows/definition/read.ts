import { pointerToken, type Fault } from '../../errors.js';
import type { AlarmDefinition, StreamDefinition, WatermarkDefinition } from '../engine/definition.js';
import { field } from './aggregates.js';
import { MAX_KEY_FIELDS } from './bounds.js';
import { duration } from './durations.js';
import { placeOf } from './field.js';
import { FaultList, Members, oneOf, share, wholeNumber, type Read } from './members.js';
import { windows as readWindows } from './windows.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** What holds where a definition does not say it, in milliseconds. */
export const DEFAULTS = {
  futureLimit: 5 * MINUTE,
  dedupeFor: DAY,
  retention: { events: 7 * DAY, windows: 400 * DAY },
  minEvents: 1,
} as const;

/**
 * Reads the definition of a stream from JSON, fills in its defaults and brings offsets into `[0, size)`, or `[0, every)`.
 * `viewDefinition` is its inverse.
 * @returns the definition, or all that is wrong with it (at most `MAX_FAULTS`): also members that it does not have
 */
export function readDefinition(value: unknown): { definition: StreamDefinition } | { faults: Fault[] } {
  const faults = new FaultList();
  const definition = read(value, faults);
  return definition && faults.list.length === 0 ? { definition } : { faults: faults.list };
}

function read(value: unknown, faults: FaultList): StreamDefinition | null {
  const members = Members.of(value, '', faults);
  if (!members) return null;
  const key = members.optional('key', readKey, []);
  const source = members.nullable('source', field, null);
  const id = members.nullable('id', field, null);
  const eventTime = members.required('eventTime', field);
  const sentAt = members.nullable('sentAt', field, null);
  const watermark = members.optional('watermark', readWatermark, NO_WATERMARK);
  const dedupeFor = members.optional('dedupeFor', duration(1), DEFAULTS.dedupeFor);
  const lateness = members.optional('lateness', duration(0), 0);
  const alarm = members.nullable('alarm', readAlarm, null);
  const windows = members.required('windows', readWindows);
  const retention = members.optional('retention', readRetention, DEFAULTS.retention);
  members.refuseOthers('a stream');
  if (eventTime === null || windows === null) return null;
  return { key, source, id, eventTime, sentAt, watermark, dedupeFor, lateness, alarm, windows, retention };
}

const readKey: Read<readonly string[]> = (value, pointer, faults) => {
  if (!Array.isArray(value)) return faults.add(pointer, 'must be an array of fields');
  if (value.length > MAX_KEY_FIELDS) return faults.add(pointer, `must have at most ${MAX_KEY_FIELDS} fields`);
  const places = new Set<string>();
  const found: string[] = [];
  for (const [index, one] of (value as unknown[]).entries()) {
    const at = pointer + pointerToken(index);
    const name = field(one, at, faults);
    if (name === null) continue;
    if (places.has(placeOf(name))) faults.add(at, 'is in the key already');
    places.add(placeOf(name));
    found.push(name);
  }
  return found;
};

const NO_WATERMARK: WatermarkDefinition = {
  type: 'bounded',
  bound: 0,
  idleAfter: null,
  futureLimit: DEFAULTS.futureLimit,
};

const readWatermark: Read<WatermarkDefinition> = (value, pointer, faults) => {
  const members = Members.of(value, pointer, faults);
  if (!members) return null;
  const type = members.optional<WatermarkDefinition['type']>(
    'type',
    oneOf(['bounded', 'punctuated']),
    'bounded',
  );
  const bound = members.optional('bound', duration(0), 0);
  if (type === 'punctuated' && bound !== 0)
    members.fault('bound', 'is only for a bounded watermark: a punctuated one is where its producers say');
  const idleAfter = members.nullable('idleAfter', duration(1), null);
  const futureLimit = members.nullable('futureLimit', duration(0), DEFAULTS.futureLimit);
  members.refuseOthers('a watermark');
  return { type, bound, idleAfter, futureLimit };
};

const readAlarm: Read<AlarmDefinition> = (value, pointer, faults) => {
  const members = Members.of(value, pointer, faults);
  if (!members) return null;
  const lateRatio = members.required('lateRatio', share);
  const over = members.required('over', duration(1));
  const minEvents = members.optional(
    'minEvents',
    wholeNumber(1, Number.MAX_SAFE_INTEGER),
    DEFAULTS.minEvents,
  );
  members.refuseOthers('an alarm');
  return lateRatio === null || over === null ? null : { lateRatio, over, minEvents };
};

const readRetention: Read<StreamDefinition['retention']> = (value, pointer, faults) => {
  const members = Members.of(value, pointer, faults);
  if (!members) return null;
  const events = members.nullable('events', duration(1), DEFAULTS.retention.events);
  const windows = members.nullable('windows', duration(1), DEFAULTS.retention.windows);
  members.refuseOthers('a retention');
  return { events, windows };
};
