import type { FoldReader, Kit } from './aggregates/kit.js';
import { BlockFold, freshCache, type FoldCache } from './block-fold.js';
import type { SlidingWindow } from './definition.js';
import type { EngineEvent, Json, OpenQuery, Sink, WindowResult } from './messages.js';
import { type Census, isAsked, type Arrival, type Key, type OpenWindow } from './operator.js';
import type { Surroundings } from './plan.js';
import { KeyedWindows, type KeyState } from './keyed-windows.js';
import { Slices } from './slices.js';

interface State extends KeyState {
  /** A slice for each time at which there is an event. */
  slices: Slices;
  /** Starts of the windows that events made and that are not final, ascending; their newest revision beside each, 0: not told. */
  made: number[];
  revisions: number[];
  cache: FoldCache;
}

/**
 * Sliding windows: every distinct set of events of a key within `size` of each other. An event makes the window that ends with it and
 * the one that begins a millisecond after it, as long as they are not final; windows count all events that their span holds.
 */
export class SlidingWindows extends KeyedWindows<State> {
  readonly names: readonly string[];
  private readonly read: FoldReader;
  private readonly size: number;
  /** From the start of a window to its end, which is exclusive. */
  private readonly length: number;
  private readonly lateness: number;
  private readonly mostEvents: number;
  private readonly blocks: BlockFold | null;

  constructor(
    index: number,
    private readonly name: string,
    definition: SlidingWindow,
    private readonly kit: Kit,
    { lateness, limits }: Surroundings,
  ) {
    super(index);
    this.names = [name];
    this.read = kit.reader(definition.aggregates);
    this.size = definition.size;
    this.length = definition.size + 1;
    this.lateness = lateness;
    this.mostEvents = limits.slidingEvents;
    this.blocks = kit.isBulky ? null : new BlockFold(kit, this.length, 0);
  }

  grows(key: Key | undefined, { time }: EngineEvent): boolean {
    const state = key && this.state(key);
    return !state?.slices.has(time);
  }

  override isFull(key: Key, { time }: EngineEvent): boolean {
    const state = this.state(key);
    return state !== undefined && state.slices.count >= this.mostEvents && !state.slices.has(time);
  }

  add(key: Key, { event, number, watermark, late, sink }: Arrival): boolean {
    const { time } = event;
    // Only a window that is not final counts it, and the last that could hold it begins with it.
    const counts = !this.isFinal(time, watermark);
    if (late && this.isFinal(time - this.size, watermark))
      late.missed.push({ window: this.name, start: time - this.size, end: time + 1 });
    if (!counts && this.isFinal(time + 1, watermark)) return true;
    const state = this.state(key) ?? this.create(key);
    const { slices } = state;
    this.make(state, time - this.size, watermark);
    this.make(state, time + 1, watermark);
    const before = slices.count;
    if (counts) {
      const at = slices.at(time);
      this.kit.add(slices.rows, slices.lanes(at), slices.cellsOf(at), event, number);
    }
    this.held += slices.count - before;
    if (late) this.correct(key, state, { time, watermark, late, sink });
    this.wakeAt(key, state, this.nextWake(state, watermark));
    return true;
  }

  open(key: Key, query: OpenQuery, watermark: number): OpenWindow[] {
    const state = this.state(key);
    if (!state) return [];
    return state.made
      .map((start) => ({ start, end: start + this.length, result: () => this.result(key, state, start, 0) }))
      .filter(
        ({ start, end }) =>
          end > watermark && isAsked(query, start, end, key.text) && this.events(state, start) > 0,
      );
  }

  census(key: Key, _window: string, watermark: number, census: Census): void {
    const state = this.state(key);
    for (const start of state?.made ?? []) {
      const end = start + this.length;
      if (!state || end <= watermark || this.events(state, start) === 0) continue;
      census.open++;
      if (end < census.nextClose) census.nextClose = end;
    }
  }

  protected act(key: Key, state: State, time: number, sink: Sink): void {
    // Those that ended before were told, or were empty then: what came into them later was told as it came, unless they were final.
    const start = time - this.length;
    const at = state.made.indexOf(start);
    if (at >= 0 && state.revisions[at] === 0 && this.events(state, start) > 0)
      sink.result(this.tell(key, state, at));
    this.release(state, time);
  }

  /** The first end after `time`; where there is none, when the last window is final and the last event can be let go. */
  protected nextWake({ made, slices }: State, time: number): number {
    let low = 0;
    let high = made.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((made[middle] as number) + this.length <= time) low = middle + 1;
      else high = middle;
    }
    if (low < made.length) return (made[low] as number) + this.length;
    const lastMade = made.length > 0 ? (made[made.length - 1] as number) : -Infinity;
    const lastEvent = slices.count > 0 ? slices.start(slices.count - 1) : -Infinity;
    return Math.max(lastMade, lastEvent) + this.length + this.lateness;
  }

  protected sizeOf({ slices, made }: State): number {
    return slices.count + made.length;
  }

  protected encodeState({ slices, made, revisions }: State): Json {
    return [slices.encode(), made, revisions];
  }

  protected decodeState(encoded: Json, wakes: number): State {
    const [slices, made, revisions] = encoded as [Json, number[], number[]];
    return {
      slices: Slices.decode(this.kit, slices),
      made: [...made],
      revisions: [...revisions],
      cache: freshCache(),
      wakes,
    };
  }

  private create(key: Key): State {
    return this.keep(key, {
      slices: new Slices(this.kit),
      made: [],
      revisions: [],
      cache: freshCache(),
      wakes: Infinity,
    });
  }

  private isFinal(start: number, watermark: number): boolean {
    return start + this.length + this.lateness <= watermark;
  }

  /** Makes the window that starts at `start`, unless it is there or final. */
  private make(state: State, start: number, watermark: number): void {
    if (this.isFinal(start, watermark)) return;
    const { made, revisions } = state;
    let at = made.length;
    while (at > 0 && (made[at - 1] as number) > start) at--;
    if (made[at - 1] === start) return;
    made.splice(at, 0, start);
    revisions.splice(at, 0, 0);
    this.held++;
  }

  /**
   * An event behind the watermark is news to all windows that hold it and are closed already. So is the window that it makes just
   * after itself, where earlier events are in that.
   */
  private correct(
    key: Key,
    state: State,
    {
      time,
      watermark,
      late,
      sink,
    }: Pick<Arrival, 'watermark' | 'sink'> & {
      time: number;
      late: NonNullable<Arrival['late']>;
    },
  ): void {
    this.blocks?.changed(state.cache, time);
    const { made } = state;
    for (let at = 0; at < made.length; at++) {
      const start = made[at] as number;
      const end = start + this.length;
      if (start > time + 1) break;
      if (end <= time || this.isFinal(start, watermark)) continue;
      const holds = start <= time;
      if (holds) late.counted.push({ window: this.name, start, end });
      const isNew = holds || (state.revisions[at] === 0 && this.events(state, start) > 0);
      if (end <= watermark && isNew) sink.result(this.tell(key, state, at));
    }
  }

  /** Lets go the windows that are final, and the events that no other window can hold. */
  private release(state: State, time: number): void {
    const { made, slices } = state;
    let drop = 0;
    while (drop < made.length && this.isFinal(made[drop] as number, time)) drop++;
    made.splice(0, drop);
    state.revisions.splice(0, drop);
    let stale = 0;
    while (stale < slices.count && this.isFinal(slices.start(stale), time)) stale++;
    if (stale > 0) slices.drop(stale);
  }

  private events(state: State, start: number): number {
    return state.slices.eventsBetween(start, start + this.length);
  }

  private tell(key: Key, state: State, at: number): WindowResult {
    const revision = (state.revisions[at] as number) + 1;
    state.revisions[at] = revision;
    return this.result(key, state, state.made[at] as number, revision);
  }

  private result(key: Key, state: State, start: number, revision: number): WindowResult {
    const end = start + this.length;
    let fold = this.kit.empty();
    // A window that is still open must leave no trace in what is kept for those that close.
    if (this.blocks && revision > 0) fold = this.blocks.of(state.slices, state.cache, start, end);
    else state.slices.mergeInto(fold, state.slices.firstFrom(start), end);
    return {
      window: this.name,
      key: key.text,
      start,
      end,
      revision,
      events: fold.lanes[0] as number,
      ...this.read(fold),
    };
  }
}
