import type { Fold, FoldReader, Kit } from './aggregates/kit.js';
import type { SessionWindow } from './definition.js';
import type { EngineEvent, Json, OpenQuery, Sink, WindowResult } from './messages.js';
import {
  type Census,
  inOrderOfArrival,
  isAsked,
  type Arrival,
  type Key,
  type OpenWindow,
  type Operator,
} from './operator.js';
import { Schedule } from './schedule.js';
import { decodeNumber, encodeNumber } from './slices.js';

interface Session {
  start: number;
  end: number;
  /** Of its newest result; 0: it has not been told yet. */
  revision: number;
  fold: Fold;
}

interface State {
  /** Those that are not final, by start, then end. */
  sessions: Session[];
  /** When it has something to do. */
  wakes: number;
}

/**
 * Sessions: each event reaches `gap` far, and events of a key whose reaches overlap are one session. Only sessions that are not final
 * merge. One that was told and becomes part of another is withdrawn.
 */
export class SessionWindows implements Operator {
  readonly names: readonly string[];
  held = 0;
  private readonly schedule = new Schedule<Key>();
  private readonly read: FoldReader;
  /** From an event to the end of its reach: one more where touching sessions merge, so that an event lies before the end of its session. */
  private readonly reach: number;
  private readonly maxSize: number;

  constructor(
    private readonly index: number,
    private readonly name: string,
    definition: SessionWindow,
    private readonly kit: Kit,
    private readonly lateness: number,
  ) {
    this.names = [name];
    this.read = kit.reader(definition.aggregates);
    this.reach = definition.gap + (definition.touching === 'merge' ? 1 : 0);
    this.maxSize = definition.maxSize ?? Infinity;
  }

  get next(): number {
    return this.schedule.next;
  }

  grows(key: Key | undefined, event: EngineEvent): boolean {
    const sessions = (key && this.state(key)?.sessions) ?? [];
    return !sessions.some((session) => this.touches(session, event.time));
  }

  isFull(): boolean {
    return false;
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
    if (
      swallowed.length === 0 &&
      end + this.lateness <= watermark &&
      !this.mayBegin(state, touched, session)
    ) {
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

  wake(sink: Sink, before: (key: Key) => void): Key[] {
    const time = this.schedule.next;
    const due = this.schedule.take().filter((key) => this.state(key)?.wakes === time);
    const gone: Key[] = [];
    for (const key of inOrderOfArrival(due)) {
      before(key);
      const state = this.state(key) as State;
      for (const session of state.sessions)
        if (session.revision === 0 && session.end <= time) sink.result(this.tell(key, session));
      const held = state.sessions.length;
      state.sessions = state.sessions.filter(({ end }) => end + this.lateness > time);
      this.held -= held - state.sessions.length;
      if (state.sessions.length === 0) {
        key.states[this.index] = undefined;
        gone.push(key);
      } else this.schedule.put((state.wakes = this.nextWake(state)), key);
    }
    return gone;
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

  encode(key: Key): Json {
    const state = this.state(key);
    if (!state) return null;
    return [
      encodeNumber(state.wakes),
      state.sessions.map(({ start, end, revision, fold }) => [
        start,
        end,
        revision,
        fold.lanes.map(encodeNumber),
        this.kit.encodeCells(fold.cells),
      ]),
    ];
  }

  decode(key: Key, encoded: Json): void {
    if (encoded === null) return;
    const [wakes, sessions] = encoded as [Json, [number, number, number, Json[], Json][]];
    const state: State = {
      wakes: decodeNumber(wakes),
      sessions: sessions.map(([start, end, revision, lanes, cells]) => ({
        start,
        end,
        revision,
        fold: { lanes: lanes.map(decodeNumber), cells: this.kit.decodeCells(cells) },
      })),
    };
    key.states[this.index] = state;
    this.held += state.sessions.length;
    this.schedule.put(state.wakes, key);
  }

  forget(key: Key): void {
    this.held -= this.state(key)?.sessions.length ?? 0;
    key.states[this.index] = undefined;
  }

  private state(key: Key): State | undefined {
    return key.states[this.index] as State | undefined;
  }

  private create(key: Key): State {
    return (key.states[this.index] = { sessions: [], wakes: Infinity });
  }

  private touches(session: Session, time: number): boolean {
    return time < session.end && time + this.reach > session.start;
  }

  /**
   * Whether a session may begin that is final at once: where its event touches one that is not, and did not fit into it. But no second
   * one with the same bounds, which would be taken for the first.
   */
  private mayBegin(state: State | undefined, touched: readonly Session[], { start, end }: Session): boolean {
    return touched.length > 0 && !state?.sessions.some((one) => one.start === start && one.end === end);
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
    const wakes = this.nextWake(state);
    if (wakes === state.wakes) return;
    state.wakes = wakes;
    this.schedule.put(wakes, key);
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

  private nextWake({ sessions }: State): number {
    let next = Infinity;
    for (const { end, revision } of sessions)
      next = Math.min(next, revision === 0 ? end : end + this.lateness);
    return next;
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
