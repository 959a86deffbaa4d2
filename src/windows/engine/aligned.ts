import type { Fold, FoldReader, Kit } from './aggregates/kit.js';
import { BlockFold, freshCache, type FoldCache } from './block-fold.js';
import type { Grid, Slicing } from './grid.js';
import type { EngineEvent, Json, OpenQuery, Sink, WindowResult } from './messages.js';
import { type Census, isAsked, type Arrival, type Key, type OpenWindow } from './operator.js';
import { KeyedWindows, type KeyState } from './keyed-windows.js';
import { decodeNumber, encodeNumber, Slices } from './slices.js';

/** One window definition among those that share slices. */
export interface Member {
  name: string;
  grid: Grid;
  read: FoldReader;
  /** Null where a window is so few slices that they are folded anew each time. */
  blocks: BlockFold | null;
  /** It is no longer asked for: only its part of the folds is still there. */
  silent: boolean;
}

/** What is kept of one key; small, since there may be a million of them. */
interface State extends KeyState {
  slices: Slices;
  /** For each member the end of its window that closes next; ∞: none holds an event. */
  closes: number[];
  /** For each member, of windows that were corrected, by their end: their newest revision. Null where none was. */
  revisions: (Map<number, number> | null)[] | null;
  /** For each member that has blocks. Null until the first window closes. */
  caches: (FoldCache | null)[] | null;
}

/**
 * Tumbling, hopping, cumulative and calendar windows: their places in time do not depend on the events. An event goes into one slice
 * of its key, whatever the number of windows that it is in; a window is folded from its slices when it closes.
 */
export class AlignedWindows extends KeyedWindows<State> {
  readonly names: readonly string[];

  constructor(
    index: number,
    private readonly members: readonly Member[],
    private readonly slicing: Slicing,
    private readonly kit: Kit,
    private readonly lateness: number,
  ) {
    super(index);
    this.names = members.filter(({ silent }) => !silent).map(({ name }) => name);
  }

  grows(key: Key | undefined, { time }: EngineEvent): boolean {
    const state = key && this.state(key);
    return !state?.slices.has(this.slicing.sliceOf(time));
  }

  add(key: Key, arrival: Arrival): boolean {
    const { event, watermark, late } = arrival;
    if (!this.holds(event.time)) return false;
    const closed = late ? this.judge(event.time, watermark, late) : NONE_CLOSED;
    if (closed === null) return true;
    const state = this.state(key) ?? this.create(key);
    const told = closed.map(({ member, end }) => this.wasTold(state.slices, member, end));
    const start = this.fold(key, state, arrival);
    if (late) this.invalidate(state, start);
    closed.forEach(({ member, end }, index) =>
      arrival.sink.result(this.correction(key, state, member, end, told[index] as boolean)),
    );
    return true;
  }

  open(key: Key, query: OpenQuery, watermark: number): OpenWindow[] {
    const state = this.state(key);
    const index = this.members.findIndex(({ name, silent }) => !silent && name === query.window);
    const member = this.members[index];
    if (!state || !member) return [];
    const { slices } = state;
    const windows: OpenWindow[] = [];
    let seen = watermark;
    for (let at = 0; at < slices.count; at++) {
      const start = slices.start(at);
      const last = member.grid.lastEnd(start);
      for (
        let end = member.grid.endAfter(Math.max(start, seen));
        end <= last;
        end = member.grid.endAfter(end)
      ) {
        seen = end;
        const from = member.grid.startOf(end);
        if (isAsked(query, from, end, key.text))
          windows.push({ start: from, end, result: () => this.result(key, state, index, end, 0) });
      }
    }
    return windows;
  }

  census(key: Key, name: string, watermark: number, census: Census): void {
    const state = this.state(key);
    const member = this.members.find((one) => one.name === name);
    if (!state || !member) return;
    const { grid } = member;
    let seen = watermark;
    for (let at = 0; at < state.slices.count; at++) {
      const start = state.slices.start(at);
      const last = grid.lastEnd(start);
      for (let end = grid.endAfter(Math.max(start, seen)); end <= last; end = grid.endAfter(end)) {
        seen = end;
        census.open++;
        if (end < census.nextClose) census.nextClose = end;
      }
    }
  }

  protected act(key: Key, state: State, time: number, sink: Sink): void {
    this.close(key, state, time, sink);
    this.release(state, time);
  }

  protected nextWake({ slices, closes }: State): number {
    let next = Infinity;
    for (const end of closes) if (end < next) next = end;
    if (next < Infinity) return next;
    // The last slice that is still asked for: those after it are of windows that are gone, and go with it.
    let at = slices.count - 1;
    while (at > 0 && this.finalAt(slices.start(at)) === -Infinity) at--;
    return this.finalAt(slices.start(at));
  }

  protected sizeOf({ slices }: State): number {
    return slices.count;
  }

  protected encodeState({ slices, closes, revisions }: State): Json {
    return [
      slices.encode(),
      closes.map(encodeNumber),
      revisions && revisions.map((one) => one && [...one.entries()]),
    ];
  }

  protected decodeState(encoded: Json, wakes: number): State {
    const [slices, closes, revisions] = encoded as [Json, Json[], ([number, number][] | null)[] | null];
    return {
      slices: Slices.decode(this.kit, slices),
      wakes,
      closes: closes.map(decodeNumber),
      revisions: revisions && revisions.map((one) => one && new Map(one)),
      caches: null,
    };
  }

  private create(key: Key): State {
    const slices = new Slices(this.kit);
    const closes = this.members.map(() => Infinity);
    return this.keep(key, { slices, wakes: Infinity, closes, revisions: null, caches: null });
  }

  private holds(time: number): boolean {
    for (const { grid, silent } of this.members) if (!silent && grid.lastEnd(time) > time) return true;
    return false;
  }

  /** Folds an event into its slice. @returns where the slice starts */
  private fold(key: Key, state: State, { event, number, watermark }: Arrival): number {
    const { slices } = state;
    const start = this.slicing.sliceOf(event.time);
    const before = slices.count;
    const at = slices.at(start);
    this.kit.add(slices.rows, slices.lanes(at), slices.cellsOf(at), event, number);
    if (slices.count > before) {
      this.held++;
      this.arm(key, state, event.time, watermark);
    }
    return start;
  }

  /** Says which windows an event behind the watermark misses. @returns those that it corrects; null where it misses all */
  private judge(time: number, watermark: number, late: NonNullable<Arrival['late']>): ClosedWindow[] | null {
    const closed: ClosedWindow[] = [];
    const notes = late.counted.length;
    this.members.forEach((member, index) => {
      const { grid, name, silent } = member;
      if (silent) return;
      const last = grid.lastEnd(time);
      for (let end = grid.endAfter(time); end <= last; end = grid.endAfter(end)) {
        const isFinal = end + this.lateness <= watermark;
        (isFinal ? late.missed : late.counted).push({ window: name, start: grid.startOf(end), end });
        if (!isFinal && end <= watermark) closed.push({ member: index, end });
      }
    });
    return late.counted.length > notes ? closed : null;
  }

  /** Whether a closed window held an event, and so was told. */
  private wasTold(slices: Slices, member: number, end: number): boolean {
    const { grid } = this.members[member] as Member;
    return slices.eventsBetween(grid.startOf(end), end) > 0;
  }

  /** Sees to it that the windows of a new slice close. */
  private arm(key: Key, state: State, time: number, watermark: number): void {
    this.members.forEach(({ grid, silent }, index) => {
      if (silent) return;
      const end = grid.endAfter(Math.max(time, watermark));
      if (end <= grid.lastEnd(time) && end < (state.closes[index] as number)) state.closes[index] = end;
    });
    this.wakeAt(key, state, this.nextWake(state));
  }

  private invalidate({ caches }: State, start: number): void {
    caches?.forEach((cache, index) => {
      if (cache) this.members[index]?.blocks?.changed(cache, start);
    });
  }

  private correction(key: Key, state: State, index: number, end: number, told: boolean): WindowResult {
    let revision = 1;
    if (told) {
      const all = (state.revisions ??= this.members.map(() => null));
      const own = (all[index] ??= new Map<number, number>());
      revision = (own.get(end) ?? 1) + 1;
      own.set(end, revision);
    }
    return this.result(key, state, index, end, revision);
  }

  private close(key: Key, state: State, time: number, sink: Sink): void {
    const { closes } = state;
    for (let index = 0; index < closes.length; index++) {
      if (closes[index] !== time) continue;
      const { grid, silent } = this.members[index] as Member;
      if (!silent) sink.result(this.result(key, state, index, time, 1));
      closes[index] = silent ? Infinity : nextClose(state.slices, grid, time);
    }
  }

  /** Lets go what only final windows held. */
  private release(state: State, time: number): void {
    const { slices } = state;
    let drop = 0;
    while (drop < slices.count && this.finalAt(slices.start(drop)) <= time) drop++;
    if (drop > 0) slices.drop(drop);
    if (state.revisions) this.forgetRevisions(state.revisions, time);
  }

  private forgetRevisions(revisions: (Map<number, number> | null)[], time: number): void {
    revisions.forEach((own, index) => {
      if (!own) return;
      for (const end of own.keys()) if (end + this.lateness <= time) own.delete(end);
      if (own.size === 0) revisions[index] = null;
    });
  }

  /** When the last window that holds a slice is final. */
  private finalAt(start: number): number {
    let last = -Infinity;
    for (const { grid, silent } of this.members) if (!silent) last = Math.max(last, grid.lastEnd(start));
    return last + this.lateness;
  }

  private result(key: Key, state: State, index: number, end: number, revision: number): WindowResult {
    const { name, grid, read } = this.members[index] as Member;
    const start = grid.startOf(end);
    const fold = this.foldOf(state, index, start, end, revision);
    const events = fold.lanes[0] as number;
    return { window: name, key: key.text, start, end, revision, events, ...read(fold) };
  }

  private foldOf(state: State, index: number, start: number, end: number, revision: number): Fold {
    const { blocks } = this.members[index] as Member;
    // A window that is still open must leave no trace in what is kept for those that close.
    if (blocks && revision > 0) {
      const caches = (state.caches ??= this.members.map(() => null));
      return blocks.of(state.slices, (caches[index] ??= freshCache()), start, end);
    }
    const fold = this.kit.empty();
    state.slices.mergeInto(fold, state.slices.firstFrom(start), end);
    return fold;
  }
}

interface ClosedWindow {
  member: number;
  end: number;
}

const NONE_CLOSED: ClosedWindow[] = [];

/** The end of the first window after the one that ends at `closed` that holds an event. */
function nextClose(slices: Slices, grid: Grid, closed: number): number {
  const next = grid.endAfter(closed);
  for (let at = slices.firstFrom(grid.startOf(next)); at < slices.count; at++) {
    const start = slices.start(at);
    const end = grid.endAfter(Math.max(start, closed));
    if (end <= grid.lastEnd(start)) return end;
  }
  return Infinity;
}
