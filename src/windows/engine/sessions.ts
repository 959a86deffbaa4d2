import type { Fold, FoldReader, Kit } from './aggregates/kit.js';
import type { SessionWindow } from './definition.js';
import type { EngineEvent, Json, OpenQuery, Sink, WindowResult } from './messages.js';
import { type Census, isAsked, type Arrival, type Key, type OpenWindow } from './operator.js';
import { KeyedWindows, type KeyState } from './keyed-windows.js';
import { decodeNumber, encodeNumber } from './slices.js';

interface Session {
  start: number;
  end: number;
  /** Of its newest result; 0: it has not been told yet. */
  revision: number;
  fold: Fold;
}

interface State extends KeyState {
  /** Those that are not final, by start, then end. */
  sessions: Session[];
}

/**
 * Sessions: each event reaches `gap` far, and events of a key whose reaches overlap are one session. Only sessions that are not final
 * merge. One that was told and becomes part of another is withdrawn.
 */
export class SessionWindows extends KeyedWindows<State> {
  readonly names: readonly string[];
  private readonly read: FoldReader;
  /** From an event to the end of its reach: one more where touching sessions merge, so that an event lies before the end of its session. */
  private readonly reach: number;
  private readonly maxSize: number;

  constructor(
    index: number,
    private readonly name: string,
    definition: SessionWindow,
    private readonly kit: Kit,
    private readonly lateness: number,
  ) {
    super(index);
    this.names = [name];
    this.read = kit.reader(definition.aggregates);
    this.reach = definition.gap + (definition.touching === 'merge' ? 1 : 0);
    this.maxSize = definition.maxSize ?? Infinity;
  }

  grows(key: Key | undefined, event: EngineEvent): boolean {
    const sessions = (key && this.state(key)?.sessions) ?? [];
    return !sessions.some((session) => this.touches(session, event.time));
  }

  add(key: Key, { event, number, watermark, late, sink }: Arrival): boolean {
    const { time } = event;
    const end = time + this.reach;
    const state = this.state(key);
    const touched = (state?.sessions ?? []).filter(
      (session) => session.end + this.lateness > watermark && this.touches(session, time),
    );
    const { session, swallowed } = this.merge(touched, {
      start: time,
      end,
      revision: 0,
      fold: this.kit.empty(),
    });
    // Also where it touches one that is not final, but does not fit into it: no window begins that is final at once.
    if (swallowed.length === 0 && end + this.lateness <= watermark) {
      late?.missed.push({ window: this.name, start: time, end });
      return true;
    }
    this.kit.add(session.fold.lanes, 0, session.fold.cells, event, number);
    this.replace(key, state ?? this.create(key), swallowed, session);
    if (late) late.counted.push({ window: this.name, start: session.start, end: session.end });
    this.withdraw(key, swallowed, session, sink);
    if (session.end <= watermark) sink.result(this.tell(key, session));
    return true;
  }

  open(key: Key, query: OpenQuery, watermark: number): OpenWindow[] {
    const sessions = this.state(key)?.sessions ?? [];
    return sessions
      .filter(({ start, end }) => end > watermark && isAsked(query, start, end, key.text))
      .map((session) => ({
        start: session.start,
        end: session.end,
        result: () => this.result(key, session),
      }));
  }

  census(key: Key, _window: string, watermark: number, census: Census): void {
    for (const { end } of this.state(key)?.sessions ?? []) {
      if (end <= watermark) continue;
      census.open++;
      if (end < census.nextClose) census.nextClose = end;
    }
  }

  protected act(key: Key, state: State, time: number, sink: Sink): void {
    for (const session of state.sessions)
      if (session.revision === 0 && session.end <= time) sink.result(this.tell(key, session));
    state.sessions = state.sessions.filter(({ end }) => end + this.lateness > time);
  }

  protected nextWake({ sessions }: State): number {
    let next = Infinity;
    for (const { end, revision } of sessions)
      next = Math.min(next, revision === 0 ? end : end + this.lateness);
    return next;
  }

  protected sizeOf({ sessions }: State): number {
    return sessions.length;
  }

  protected encodeState({ sessions }: State): Json {
    return sessions.map(({ start, end, revision, fold }) => [
      start,
      end,
      revision,
      fold.lanes.map(encodeNumber),
      this.kit.encodeCells(fold.cells),
    ]);
  }

  protected decodeState(encoded: Json, wakes: number): State {
    const sessions = encoded as unknown as [number, number, number, Json[], Json][];
    return {
      wakes,
      sessions: sessions.map(([start, end, revision, lanes, cells]) => ({
        start,
        end,
        revision,
        fold: { lanes: lanes.map(decodeNumber), cells: this.kit.decodeCells(cells) },
      })),
    };
  }

  private create(key: Key): State {
    return this.keep(key, { sessions: [], wakes: Infinity });
  }

  private touches(session: Session, time: number): boolean {
    return time < session.end && time + this.reach > session.start;
  }

  /** Merges sessions into a new one, from the earliest, each as long as the whole does not grow past the longest allowed. */
  private merge(touched: readonly Session[], own: Session): { session: Session; swallowed: Session[] } {
    let session = own;
    const swallowed: Session[] = [];
    for (const other of touched) {
      const start = Math.min(session.start, other.start);
      const end = Math.max(session.end, other.end);
      if (end - start > this.maxSize) continue;
      this.kit.merge(session.fold, other.fold.lanes, 0, other.fold.cells);
      session = { ...session, start, end };
      swallowed.push(other);
    }
    return { session, swallowed };
  }

  private replace(key: Key, state: State, swallowed: readonly Session[], session: Session): void {
    const sessions = state.sessions.filter((one) => !swallowed.includes(one));
    let at = sessions.length;
    while (at > 0 && isAfter(sessions[at - 1] as Session, session)) at--;
    sessions.splice(at, 0, session);
    this.held += sessions.length - state.sessions.length;
    state.sessions = sessions;
    this.wakeAt(key, state, this.nextWake(state));
  }

  /** A session that was told lives on under the same bounds, or is withdrawn. */
  private withdraw(key: Key, swallowed: readonly Session[], session: Session, sink: Sink): void {
    const { start, end } = session;
    for (const other of swallowed) {
      if (other.revision === 0) continue;
      if (other.start === start && other.end === end) session.revision = other.revision;
      else
        sink.withdrawal({
          window: this.name,
          key: key.text,
          start: other.start,
          end: other.end,
          revision: other.revision + 1,
          mergedInto: { start, end },
        });
    }
  }

  private tell(key: Key, session: Session): WindowResult {
    session.revision++;
    return this.result(key, session);
  }

  private result(key: Key, { start, end, revision, fold }: Session): WindowResult {
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

function isAfter(a: Session, b: Session): boolean {
  return a.start > b.start || (a.start === b.start && a.end > b.end);
}
