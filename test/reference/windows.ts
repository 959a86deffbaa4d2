/** Where an event belongs, one class a family of kinds, by the plainest reading of the contract. */
import type {
  CalendarWindow,
  CumulativeWindow,
  HoppingWindow,
  SessionWindow,
  SlidingWindow,
  TumblingWindow,
  WindowDefinition,
} from '../../src/windows/engine/definition.js';
import { calendarWindow } from './calendar.js';
import type { Entry } from './values.js';

export interface Extent {
  start: number;
  end: number;
}

/** A window of a key and the events in it; `revision` is 0 until it was told. */
export interface Held extends Extent {
  key: string;
  events: Entry[];
  revision: number;
}

export interface Placement {
  missed: Extent[];
  counted: Extent[];
  /** Windows whose events are others than before. */
  changed: Held[];
  /** Told windows that are no more, and what they are part of. */
  swallowed: { old: Held; into: Held }[];
}

export abstract class Family {
  readonly windows: Held[] = [];

  /** `isFinal` judges by the watermark before the event. */
  abstract place(key: string, entry: Entry, isFinal: (extent: Extent) => boolean): Placement;

  protected find(key: string, { start, end }: Extent): Held | undefined {
    return this.windows.find((one) => one.key === key && one.start === start && one.end === end);
  }

  protected make(key: string, { start, end }: Extent, events: Entry[]): Held {
    const made = { key, start, end, events, revision: 0 };
    this.windows.push(made);
    return made;
  }
}

type FixedWindow = TumblingWindow | HoppingWindow | CumulativeWindow | CalendarWindow;

/** All windows whose extents do not depend on events and that hold `time`. */
export function extentsOf(definition: FixedWindow, time: number): Extent[] {
  if (definition.type === 'calendar') return [calendarWindow(definition, time)];
  const { size, offset } = definition;
  const every = definition.type === 'hopping' ? definition.every : size;
  const first = Math.floor((time - size - offset) / every) - 1;
  const last = Math.floor((time - offset) / every) + 1;
  const candidates: Extent[] = [];
  for (let k = first; k <= last; k++) {
    const start = offset + k * every;
    const step = definition.type === 'cumulative' ? definition.step : size;
    for (let length = step; length <= size; length += step) candidates.push({ start, end: start + length });
  }
  return candidates.filter(({ start, end }) => start <= time && time < end);
}

class Fixed extends Family {
  constructor(private readonly definition: FixedWindow) {
    super();
  }

  place(key: string, entry: Entry, isFinal: (extent: Extent) => boolean): Placement {
    const extents = extentsOf(this.definition, entry.time);
    const counted = extents.filter((extent) => !isFinal(extent));
    const changed = counted.map((extent) => this.find(key, extent) ?? this.make(key, extent, []));
    for (const window of changed) window.events.push(entry);
    return { missed: extents.filter(isFinal), counted, changed, swallowed: [] };
  }
}

class Sliding extends Family {
  private readonly seen: { key: string; entry: Entry }[] = [];

  constructor(private readonly definition: SlidingWindow) {
    super();
  }

  place(key: string, entry: Entry, isFinal: (extent: Extent) => boolean): Placement {
    const { size } = this.definition;
    const { time } = entry;
    this.seen.push({ key, entry });
    const before = new Map(this.windows.map((one) => [one, one.events.length]));
    const left = { start: time - size, end: time + 1 };
    const right = { start: time + 1, end: time + 1 + size + 1 };
    for (const own of [left, right])
      if (!isFinal(own) && this.find(key, own) === undefined) this.make(key, own, []);
    const unfinal = this.windows.filter((one) => one.key === key && !isFinal(one));
    for (const window of unfinal)
      window.events = this.seen
        .filter((one) => one.key === key && window.start <= one.entry.time && one.entry.time < window.end)
        .map((one) => one.entry);
    return {
      missed: isFinal(left) ? [left] : [],
      counted: unfinal.filter(({ start, end }) => start <= time && time < end),
      changed: unfinal.filter((one) => one.events.length !== (before.get(one) ?? 0)),
      swallowed: [],
    };
  }
}

class Sessions extends Family {
  constructor(private readonly definition: SessionWindow) {
    super();
  }

  place(key: string, entry: Entry, isFinal: (extent: Extent) => boolean): Placement {
    const { gap, touching, maxSize } = this.definition;
    const own = { start: entry.time, end: entry.time + gap + (touching === 'merge' ? 1 : 0) };
    const touched = this.windows
      .filter((one) => one.key === key && !isFinal(one) && one.start < own.end && own.start < one.end)
      .toSorted((a, b) => a.start - b.start || a.end - b.end);
    let whole: Extent = own;
    const parts: Held[] = [];
    for (const one of touched) {
      const wider = { start: Math.min(whole.start, one.start), end: Math.max(whole.end, one.end) };
      if (maxSize !== null && wider.end - wider.start > maxSize) continue;
      whole = wider;
      parts.push(one);
    }
    if (parts.length === 0 && isFinal(own)) return { missed: [own], counted: [], changed: [], swallowed: [] };
    const same = parts.find(({ start, end }) => start === whole.start && end === whole.end);
    for (const one of parts) this.windows.splice(this.windows.indexOf(one), 1);
    const merged = this.make(key, whole, [...parts.flatMap((one) => one.events), entry]);
    merged.revision = same?.revision ?? 0;
    const swallowed = parts
      .filter((one) => one !== same && one.revision > 0)
      .map((old) => ({ old, into: merged }));
    return { missed: [], counted: [whole], changed: [merged], swallowed };
  }
}

export function familyOf(definition: WindowDefinition): Family {
  if (definition.type === 'sliding') return new Sliding(definition);
  if (definition.type === 'session') return new Sessions(definition);
  return new Fixed(definition);
}
