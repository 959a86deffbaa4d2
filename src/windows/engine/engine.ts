import { EngineClock } from './clock.js';
import { fieldsOf, type StreamDefinition, type WindowDefinition } from './definition.js';
import { DelayCounts } from './delays.js';
import { LateAlarm } from './late-alarm.js';
import type {
  Applied,
  ClockView,
  Counters,
  EngineEvent,
  EngineLimits,
  EngineSize,
  Json,
  Mark,
  OpenQuery,
  Refused,
  Sink,
  WindowResult,
} from './messages.js';
import { type Census, inOrder, type Key, type OpenWindow, type Operator } from './operator.js';
import { EngineSnapshot, type KeyPart } from './engine-snapshot.js';
import { groupsOf, operatorOf, type Group } from './plan.js';

/** The first part of a snapshot; the others are keys. */
interface Head {
  groups: readonly Group[];
  counters: Counters;
  arrivals: number;
  nextOrdinal: number;
  clock: Json;
  delays: Json;
  alarm: Json;
}

const NOTHING_SPECIAL: Applied = { future: false, late: false, unassigned: false, missed: [], counted: [] };

/**
 * The windows of one stream. Told events, marks and ticks one by one, in the order of the log, it says what its windows come to.
 * Laws: the same log gives the same results in the same order; a snapshot, restored anywhere, goes on as if nothing had been; how
 * events were cut into requests changes nothing; the watermark never falls.
 */
export class Engine {
  readonly counters: Counters = { accepted: 0, lateEvents: 0, lateWindows: 0, future: 0, unassigned: 0 };
  private readonly keys = new Map<string, Key>();
  private nextOrdinal = 0;
  private arrivals = 0;
  private groups: readonly Group[];
  private operators: readonly Operator[];
  private clockwork: EngineClock;
  private delays = new DelayCounts();
  private alarm: LateAlarm | null;
  /** Snapshots begun, and the one that is being taken. */
  private snapshots = 0;
  private copying: EngineSnapshot | null = null;
  private readonly beforeChange = (key: Key): void => this.copying?.before(key);

  constructor(
    private definition: StreamDefinition,
    private readonly limits: EngineLimits,
    groups: readonly Group[] = groupsOf(definition.windows),
  ) {
    this.clockwork = new EngineClock(definition.watermark);
    this.alarm = definition.alarm && new LateAlarm(definition.alarm);
    this.groups = groups;
    this.operators = this.operatorsOf(groups);
  }

  /**
   * An engine as it was when `parts` were taken of it.
   * @param definition that of the engine then
   */
  static restore(definition: StreamDefinition, limits: EngineLimits, parts: Iterable<string>): Engine {
    let engine: Engine | undefined;
    for (const part of parts) {
      if (!engine) {
        const head = JSON.parse(part) as Head;
        engine = new Engine(definition, limits, head.groups);
        engine.takeHead(head);
      } else for (const key of JSON.parse(part) as KeyPart[]) engine.takeKey(key);
    }
    if (!engine) throw new Error('a snapshot has at least one part');
    return engine;
  }

  /** Epoch milliseconds; −∞: nothing is known of the time yet; ∞: the end of input. */
  get watermark(): number {
    return this.clockwork.watermark;
  }

  get size(): EngineSize {
    let held = 0;
    for (const operator of this.operators) held += operator.held;
    return { keys: this.keys.size, held, sources: this.clockwork.size };
  }

  /** Whether too many events come late now. */
  get alarmed(): boolean {
    return this.alarm?.raised === true;
  }

  /** Applies an event, then moves the clock by it. */
  apply(event: EngineEvent, sink: Sink): Applied | Refused {
    const known = this.keys.get(event.key);
    const refused = this.refusal(event, known);
    if (refused) return { refused };
    const { watermark } = this;
    const late = event.time < watermark ? { missed: [], counted: [] } : null;
    const arrival = { event, number: this.arrivals++, watermark, sink, late };
    const key = known ?? this.newKey(event.key, this.nextOrdinal);
    this.copying?.before(key);
    let belongs = false;
    for (const operator of this.operators) if (operator.add(key, arrival)) belongs = true;
    if (!known && key.states.some((state) => state !== undefined)) {
      this.keys.set(key.text, key);
      this.nextOrdinal++;
    }
    const applied = this.count(event, belongs, late);
    if (!applied.future) this.delays.add(this.clockwork.observe(event));
    this.raise(applied.late, event.received, sink);
    if (this.watermark > watermark) this.advance(sink);
    return applied;
  }

  /** @returns why it cannot be taken, or null */
  mark(mark: Mark, sink: Sink): Refused | null {
    const { source } = mark;
    if (source !== undefined && !this.hasRoomFor(source)) return { refused: 'sources' };
    const before = this.watermark;
    this.clockwork.mark(mark);
    if (this.watermark > before) this.advance(sink);
    return null;
  }

  /** What only the passing of received time brings: idle sources, and an alarm that clears. @returns whether anything changed */
  tick(now: number, sink: Sink): boolean {
    const before = this.watermark;
    const idle = this.clockwork.tick(now);
    if (this.watermark > before) this.advance(sink);
    const change = this.alarm?.tick(now);
    if (change) sink.alarm(change);
    return idle || Boolean(change);
  }

  /** Received time at which a tick may change something; null: never. */
  get nextWakeAt(): number | null {
    const times = [this.clockwork.nextWakeAt, this.alarm?.nextWakeAt].filter(
      (time) => typeof time === 'number',
    );
    return times.length > 0 ? Math.min(...times) : null;
  }

  /** @param sources how many of them are shown */
  clock(sources: number): ClockView {
    const covering = this.delays.covering([0.95, 0.99, 0.999]) as [number, number, number];
    return {
      watermark: this.watermark,
      sources: this.clockwork.view(sources),
      heldBackBy: this.clockwork.heldBackBy,
      windows: Object.fromEntries(
        Object.keys(this.definition.windows).map((name) => [name, this.census(name)]),
      ),
      counters: { ...this.counters },
      delay: this.delays.view(),
      boundFor: this.delays.view() && { '0.95': covering[0], '0.99': covering[1], '0.999': covering[2] },
      alarm: this.alarm?.state ?? null,
    };
  }

  /** Open windows with their values so far, by start, end, key. */
  open(query: OpenQuery): WindowResult[] {
    const found: (OpenWindow & { key: string })[] = [];
    const sort = (): void => {
      found.sort((a, b) => (inOrder(a, b) ? -1 : 1));
      found.length = Math.min(found.length, query.limit);
    };
    for (const window of this.openWindows(query)) {
      found.push(window);
      if (found.length >= 4 * query.limit + 1000) sort(); // only the first are wanted: no more need be kept
    }
    sort();
    return found.map((window) => window.result());
  }

  /**
   * Goes on with other windows: a window of the same name and definition keeps what it holds, a new one begins with the next event.
   * All but the windows, the alarm and the retention must be as it was.
   */
  redefine(definition: StreamDefinition): void {
    const stays = (name: string, window: WindowDefinition): boolean =>
      JSON.stringify(definition.windows[name]) === JSON.stringify(window);
    const silenced = this.groups.map(({ windows, silent }) => ({
      windows,
      silent: Object.keys(windows).filter(
        (name) => silent.includes(name) || !stays(name, windows[name] as WindowDefinition),
      ),
    }));
    const places = silenced.flatMap(({ windows, silent }, place) =>
      silent.length < Object.keys(windows).length ? [place] : [],
    );
    const kept = places.map((place) => silenced[place] as Group);
    const old = new Set(
      kept.flatMap(({ windows, silent }) => Object.keys(windows).filter((name) => !silent.includes(name))),
    );
    const fresh = Object.fromEntries(Object.entries(definition.windows).filter(([name]) => !old.has(name)));
    const keys = [...this.keys.values()].map((key) => this.encodeKey(key));
    this.copying?.abandon(); // it was begun with other operators
    if (JSON.stringify(definition.alarm) !== JSON.stringify(this.definition.alarm))
      this.alarm = definition.alarm && new LateAlarm(definition.alarm);
    this.definition = definition;
    this.groups = [...kept, ...groupsOf(fresh)];
    this.operators = this.operatorsOf(this.groups);
    this.keys.clear();
    for (const [text, ordinal, states] of keys) {
      const kept = places.map((place) => states[place] ?? null);
      this.takeKey([text, ordinal, kept]);
    }
  }

  /**
   * All there is to know now, as texts. They may be taken bit by bit while the engine goes on: what changes meanwhile is put down as it
   * was. Ends early, without an end, where the windows were redefined or another snapshot was begun: then it is worth nothing.
   * @returns the parts, the first of them made already; `whole` once all were taken
   */
  snapshot(): EngineSnapshot {
    const head: Head = {
      groups: this.groups,
      counters: this.counters,
      arrivals: this.arrivals,
      nextOrdinal: this.nextOrdinal,
      clock: this.clockwork.encode(),
      delays: this.delays.encode(),
      alarm: this.alarm && this.alarm.encode(),
    };
    this.snapshots++;
    const copy = new EngineSnapshot(JSON.stringify(head), this.keys.values(), this.snapshots, (key) =>
      this.encodeKey(key),
    );
    this.copying?.abandon();
    this.copying = copy;
    return copy;
  }

  private encodeKey(key: Key): KeyPart {
    return [key.text, key.ordinal, this.operators.map((operator) => operator.encode(key))];
  }

  private takeHead({ counters, arrivals, nextOrdinal, clock, delays, alarm }: Head): void {
    Object.assign(this.counters, counters);
    this.arrivals = arrivals;
    this.nextOrdinal = nextOrdinal;
    this.clockwork = EngineClock.decode(this.definition.watermark, clock);
    this.delays = DelayCounts.decode(delays);
    if (this.definition.alarm && alarm !== null) this.alarm = LateAlarm.decode(this.definition.alarm, alarm);
  }

  private takeKey([text, ordinal, states]: KeyPart): void {
    const key = this.newKey(text, ordinal);
    states.forEach((state, index) => this.operators[index]?.decode(key, state));
    if (key.states.some((state) => state !== undefined)) this.keys.set(text, key);
  }

  private newKey(text: string, ordinal: number): Key {
    return { text, ordinal, states: new Array<unknown>(this.operators.length), snapshot: this.snapshots };
  }

  private operatorsOf(groups: readonly Group[]): Operator[] {
    const { lateness } = this.definition;
    const surroundings = { fields: fieldsOf(this.definition), lateness, limits: this.limits };
    return groups.map((group, index) => operatorOf(index, group, surroundings));
  }

  private *openWindows(query: OpenQuery): Generator<OpenWindow & { key: string }> {
    const operator = this.operators.find(({ names }) => names.includes(query.window));
    if (!operator) return;
    for (const key of this.keys.values()) {
      if (query.key && !query.key(key.text)) continue;
      for (const window of operator.open(key, query, this.watermark))
        yield Object.assign(window, { key: key.text });
    }
  }

  private census(window: string): { open: number; nextClose: number | null } {
    const census: Census = { open: 0, nextClose: Infinity };
    const operator = this.operators.find(({ names }) => names.includes(window));
    if (operator) for (const key of this.keys.values()) operator.census(key, window, this.watermark, census);
    return { open: census.open, nextClose: census.open > 0 ? census.nextClose : null };
  }

  private refusal(event: EngineEvent, key: Key | undefined): keyof EngineLimits | null {
    const { keys, openWindows } = this.limits;
    if (!key && this.keys.size >= keys) return 'keys';
    if (!this.hasRoomFor(event.source) && !this.clockwork.isFuture(event)) return 'sources';
    let held = 0;
    for (const operator of this.operators) held += operator.held + 2;
    if (held > openWindows && this.operators.some((operator) => operator.grows(key, event)))
      return 'openWindows';
    if (key) for (const operator of this.operators) if (operator.isFull(key, event)) return 'slidingEvents';
    return null;
  }

  private hasRoomFor(source: string | null): boolean {
    return this.clockwork.size < this.limits.sources || this.clockwork.knows(source);
  }

  private count(
    event: EngineEvent,
    belongs: boolean,
    late: { missed: Applied['missed']; counted: Applied['counted'] } | null,
  ): Applied {
    const { counters } = this;
    const future = this.clockwork.isFuture(event);
    const missed = late?.missed ?? [];
    counters.accepted++;
    if (future) counters.future++;
    if (!belongs) counters.unassigned++;
    if (missed.length === 0) {
      if (!future && belongs) return NOTHING_SPECIAL;
      return { ...NOTHING_SPECIAL, future, unassigned: !belongs };
    }
    const counted = late?.counted ?? [];
    const all = counted.length === 0;
    counters.lateWindows += missed.length;
    if (all) counters.lateEvents++;
    return { future, late: all, unassigned: false, missed, counted };
  }

  private raise(late: boolean, received: number, sink: Sink): void {
    const change = this.alarm?.add(late, received);
    if (change) sink.alarm(change);
  }

  /** Closes what the watermark has reached, in order of time, then of definitions, then of keys. */
  private advance(sink: Sink): void {
    for (;;) {
      let first: Operator | undefined;
      for (const operator of this.operators) if (operator.next < (first?.next ?? Infinity)) first = operator;
      if (!first || first.next > this.watermark) return;
      for (const key of first.wake(sink, this.beforeChange))
        if (key.states.every((state) => state === undefined)) this.keys.delete(key.text);
    }
  }
}
