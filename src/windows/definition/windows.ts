import { pointerToken } from '../../errors.js';
import { formatDuration } from '../../units.js';
import type { CalendarWindow, SessionWindow, WindowDefinition } from '../engine/definition.js';
import { NO_AGGREGATES, aggregates as readAggregates } from './aggregates.js';
import { MAX_CALENDAR_COUNT, MAX_OVERLAP, MAX_WINDOWS } from './bounds.js';
import { CALENDAR_UNITS, defaultAnchor, localDate, timeZone as readTimeZone } from './calendar.js';
import { duration, normalised, offset as readOffset } from './durations.js';
import { isObject, Members, oneOf, readNamed, wholeNumber, type FaultList, type Read } from './members.js';
import { isName, NAME_FORM } from './names.js';

type Type = WindowDefinition['type'];
type Aggregates = WindowDefinition['aggregates'];
type Kind = (members: Members, aggregates: Aggregates) => WindowDefinition | null;

/** How each kind of window reads what is its own; `type` and `aggregates` are read already. */
const KINDS: Readonly<Record<Type, Kind>> = {
  tumbling(members, aggregates) {
    const size = members.required('size', duration(1));
    const offset = members.optional('offset', readOffset, 0);
    return size === null ? null : { type: 'tumbling', size, offset: normalised(offset, size), aggregates };
  },
  hopping(members, aggregates) {
    const size = members.required('size', duration(1));
    const every = members.required('every', duration(1));
    const offset = members.optional('offset', readOffset, 0);
    if (size === null || every === null) return null;
    limitOverlap(members, 'every', size / every);
    return { type: 'hopping', size, every, offset: normalised(offset, every), aggregates };
  },
  cumulative(members, aggregates) {
    const size = members.required('size', duration(1));
    const step = members.required('step', duration(1));
    const offset = members.optional('offset', readOffset, 0);
    if (size === null || step === null) return null;
    if (size % step !== 0) members.fault('step', `must divide size, ${formatDuration(size)}, without rest`);
    limitOverlap(members, 'step', size / step);
    return { type: 'cumulative', size, step, offset: normalised(offset, size), aggregates };
  },
  sliding(members, aggregates) {
    const size = members.required('size', duration(0));
    return size === null ? null : { type: 'sliding', size, aggregates };
  },
  session: readSession,
  calendar: readCalendar,
};

export const WINDOW_TYPES = Object.keys(KINDS) as Type[];

/** Windows by their names; an empty object is a stream that only keeps its events. */
export const windows: Read<Readonly<Record<string, WindowDefinition>>> = (value, pointer, faults) => {
  if (!isObject(value)) return faults.add(pointer, 'must be an object of windows by their names');
  const members = Object.entries(value);
  if (members.length > MAX_WINDOWS) return faults.add(pointer, `must have at most ${MAX_WINDOWS} windows`);
  return readNamed(members, (one, name) => {
    const at = pointer + pointerToken(name);
    if (!isName(name)) faults.add(at, `has a name that cannot be taken: it ${NAME_FORM}`);
    return readWindow(one, at, faults);
  });
};

function readWindow(value: unknown, pointer: string, faults: FaultList): WindowDefinition | null {
  const members = Members.of(value, pointer, faults);
  if (!members) return null;
  const type = members.required('type', oneOf(WINDOW_TYPES));
  const aggregates = members.optional('aggregates', readAggregates, NO_AGGREGATES);
  if (type === null) return null; // which members it may have, only its type would say
  const window = KINDS[type](members, aggregates);
  members.refuseOthers(`a ${type} window`);
  return window;
}

function limitOverlap(members: Members, name: string, overlap: number): void {
  if (overlap > MAX_OVERLAP)
    members.fault(
      name,
      `puts an event in more than ${MAX_OVERLAP} windows: it must be longer, or size shorter`,
    );
}

function readSession(members: Members, aggregates: Aggregates): SessionWindow | null {
  const gap = members.required('gap', duration(1));
  const touching = members.optional<SessionWindow['touching']>(
    'touching',
    oneOf(['separate', 'merge']),
    'separate',
  );
  const maxSize = members.nullable('maxSize', duration(1), null);
  if (gap === null) return null;
  const least = touching === 'merge' ? gap + 1 : gap; // the session of one event
  if (maxSize !== null && maxSize < least)
    members.fault('maxSize', `must be at least ${formatDuration(least)}, the session of one event`);
  return { type: 'session', gap, touching, maxSize, aggregates };
}

function readCalendar(members: Members, aggregates: Aggregates): CalendarWindow | null {
  const unit = members.required('unit', oneOf(CALENDAR_UNITS));
  const most = unit === 'hour' ? 24 : MAX_CALENDAR_COUNT;
  const count = members.optional('count', wholeNumber(1, most), 1);
  const anchor = members.optional('anchor', localDate, defaultAnchor(unit ?? 'day'));
  const timeZone = members.optional('timeZone', readTimeZone, 'UTC');
  if (unit === null) return null;
  if (unit === 'hour' && 24 % count !== 0) members.fault('count', 'must divide 24 where unit is hour');
  return { type: 'calendar', unit, count, anchor, timeZone, aggregates };
}
