/** Plays a story to an engine and notes what it says: the pictures and the numbers of the page are drawn from these notes. */
import { readDefinition } from '../../src/windows/definition/read.js';
import type { StreamDefinition } from '../../src/windows/engine/definition.js';
import { Engine } from '../../src/windows/engine/engine.js';
import {
  DEFAULT_LIMITS,
  type Applied,
  type ClockView,
  type EngineEvent,
  type Json,
  type Mark,
  type Refused,
  type Sink,
  type WindowResult,
} from '../../src/windows/engine/messages.js';
import { eventReader } from '../../src/windows/events/reader.js';
import { parseTime } from '../../src/units.js';

export type JsonObject = Readonly<Record<string, Json>>;

/** What comes to the stream: an event or a mark as a client sends it, or the passing of received time. */
export type Arrival = { at: string; element: JsonObject } | { at: string; tick: true };

export interface Story {
  definition: JsonObject;
  arrivals: readonly Arrival[];
}

/**
 * What became of an event: `correcting` a window that was closed, `late` for all its windows, too far in the `future` to move the
 * clock, `unassigned` to any window, or none of these.
 */
export type Fate = 'intime' | 'correcting' | 'late' | 'future' | 'unassigned';

export interface PlayedEvent {
  event: EngineEvent;
  fate: Fate;
  /** The watermark before it. */
  watermark: number;
  element: JsonObject;
}

export interface PlayedMark {
  mark: Mark;
}

export type WindowState = 'open' | 'closed' | 'final' | 'withdrawn';

export interface PlayedWindow {
  window: string;
  key: string;
  start: number;
  end: number;
  /** As the story ends. */
  state: WindowState;
  /** What it said, each time; of an open window its values so far. */
  told: { at: number; result: WindowResult }[];
  /** Received time of the first event in it. */
  since: number;
  mergedInto: { start: number; end: number } | null;
}

export interface Played {
  definition: StreamDefinition;
  events: PlayedEvent[];
  marks: PlayedMark[];
  /** Where the watermark rose, by received time. */
  steps: { at: number; watermark: number }[];
  /** Sources that a tick let become idle. */
  idled: { at: number; source: string | null }[];
  /** By definition, start, end, key. */
  windows: PlayedWindow[];
  clock: ClockView;
  /** Received time of the last arrival. */
  end: number;
}

/** The day on which all stories but those of the calendar happen. */
export const DAY = '2026-07-29';

/** A time of that day as epoch milliseconds, or any other in full. */
export function time(written: string): number {
  const parsed = parseTime(written.includes('T') ? written : `${DAY}T${written}Z`);
  if (parsed === undefined) throw new Error(`"${written}" is not a time.`);
  return parsed;
}

/** @throws Error naming the faults of a definition that a client could not put either */
export function definitionOf(value: unknown): StreamDefinition {
  const read = readDefinition(value);
  if ('faults' in read) throw new Error(`A definition is not valid: ${JSON.stringify(read.faults)}.`);
  return read.definition;
}

/** @throws Error where the story has an event that the stream would reject */
export function play(story: Story): Played {
  const definition = definitionOf(story.definition);
  const player = new Player(definition);
  for (const arrival of story.arrivals) player.take(arrival);
  return player.finish();
}

class Player {
  private readonly engine: Engine;
  private readonly reader: ReturnType<typeof eventReader>;
  private readonly played: Pick<Played, 'events' | 'marks' | 'steps' | 'idled'> = {
    events: [],
    marks: [],
    steps: [],
    idled: [],
  };
  private readonly windows = new Map<string, PlayedWindow>();
  private now = -Infinity;
  /** Whether the event at hand changed a window that was closed before it. */
  private corrected = false;
  private before = -Infinity;

  constructor(private readonly definition: StreamDefinition) {
    this.engine = new Engine(definition, DEFAULT_LIMITS);
    this.reader = eventReader(definition);
  }

  take(arrival: Arrival): void {
    this.now = time(arrival.at);
    this.before = this.engine.watermark;
    this.corrected = false;
    if ('tick' in arrival) this.tick();
    else this.tell(arrival.element);
    if (this.engine.watermark > this.before)
      this.played.steps.push({ at: this.now, watermark: this.engine.watermark });
  }

  finish(): Played {
    for (const window of Object.keys(this.definition.windows))
      for (const result of this.engine.open({ window, limit: 1000 })) this.note(result);
    const order = Object.keys(this.definition.windows);
    const windows = [...this.windows.values()].sort(
      (a, b) =>
        order.indexOf(a.window) - order.indexOf(b.window) ||
        a.start - b.start ||
        a.end - b.end ||
        (a.key < b.key ? -1 : 1),
    );
    for (const window of windows) {
      if (window.state !== 'withdrawn') window.state = this.stateOf(window.end);
      window.since = this.sinceOf(window);
    }
    return {
      ...this.played,
      definition: this.definition,
      windows,
      clock: this.engine.clock(1000),
      end: this.now,
    };
  }

  private readonly sink: Sink = {
    result: (result) => {
      if (result.end <= this.before) this.corrected = true;
      this.note(result);
    },
    withdrawal: (withdrawal) => {
      const window = this.windows.get(nameOf(withdrawal));
      if (!window) throw new Error('A window was withdrawn that was never told.');
      window.state = 'withdrawn';
      window.mergedInto = withdrawal.mergedInto;
    },
    alarm: () => undefined,
  };

  private tick(): void {
    const idle = (): (string | null)[] =>
      this.engine
        .clock(1000)
        .sources.filter((source) => source.idle)
        .map(({ source }) => source);
    const before = idle();
    this.engine.tick(this.now, this.sink);
    for (const source of idle())
      if (!before.includes(source)) this.played.idled.push({ at: this.now, source });
  }

  private tell(element: JsonObject): void {
    const read = this.reader.read(element, 'json', this.now);
    if ('faults' in read) throw new Error(`An event is not valid: ${JSON.stringify(read.faults)}.`);
    if ('mark' in read) {
      accepted(this.engine.mark(read.mark, this.sink));
      this.played.marks.push({ mark: read.mark });
      return;
    }
    const { event } = read;
    const applied = this.engine.apply(event, this.sink);
    if ('refused' in applied) return accepted(applied);
    this.played.events.push({ event, fate: this.fateOf(applied), watermark: this.before, element });
  }

  private fateOf(applied: Applied): Fate {
    if (applied.future) return 'future';
    if (applied.late) return 'late';
    if (applied.unassigned) return 'unassigned';
    return this.corrected ? 'correcting' : 'intime';
  }

  private note(result: WindowResult): void {
    const name = nameOf(result);
    const { window, key, start, end } = result;
    let noted = this.windows.get(name);
    if (!noted)
      this.windows.set(
        name,
        (noted = { window, key, start, end, state: 'open', told: [], since: this.now, mergedInto: null }),
      );
    noted.told.push({ at: this.now, result });
  }

  private stateOf(end: number): WindowState {
    const { watermark } = this.engine;
    if (watermark < end) return 'open';
    return watermark < end + this.definition.lateness ? 'closed' : 'final';
  }

  private sinceOf({ key, start, end, since }: PlayedWindow): number {
    const first = this.played.events.find(
      ({ event, fate }) => fate !== 'late' && event.key === key && event.time >= start && event.time < end,
    );
    return first?.event.received ?? since;
  }
}

function accepted(refused: Refused | null): void {
  if (refused) throw new Error(`An event of a story hits the bound ${refused.refused}.`);
}

function nameOf({ window, key, start, end }: Pick<WindowResult, 'window' | 'key' | 'start' | 'end'>): string {
  return JSON.stringify([window, key, start, end]);
}
