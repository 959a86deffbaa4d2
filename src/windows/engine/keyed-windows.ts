import type { EngineEvent, Json, OpenQuery, Sink } from './messages.js';
import {
  inOrderOfArrival,
  type Arrival,
  type Census,
  type Key,
  type OpenWindow,
  type Operator,
} from './operator.js';
import { Schedule } from './schedule.js';
import { decodeNumber, encodeNumber } from './slices.js';

/** What is kept of one key; `wakes` is when it has something to do. */
export interface KeyState {
  wakes: number;
}

/** What all kinds of windows have in common: a state for each key, and a time at which each state has something to do. */
export abstract class KeyedWindows<State extends KeyState> implements Operator {
  abstract readonly names: readonly string[];
  held = 0;
  private readonly schedule = new Schedule<Key>();

  /** @param index place among the operators of the engine, and so of its states in keys */
  constructor(private readonly index: number) {}

  abstract grows(key: Key | undefined, event: EngineEvent): boolean;
  abstract add(key: Key, arrival: Arrival): boolean;
  abstract open(key: Key, query: OpenQuery, watermark: number): OpenWindow[];
  abstract census(key: Key, window: string, watermark: number, census: Census): void;

  /** Does what there is to do at `time`, and lets go what only final windows held. */
  protected abstract act(key: Key, state: State, time: number, sink: Sink): void;
  /** When there is something to do after `time`, of a state that holds something. */
  protected abstract nextWake(state: State, time: number): number;
  /** What counts for `held`; 0: the state is as good as none. */
  protected abstract sizeOf(state: State): number;
  protected abstract encodeState(state: State): Json;
  protected abstract decodeState(encoded: Json, wakes: number): State;

  get next(): number {
    return this.schedule.next;
  }

  isFull(_key: Key, _event: EngineEvent): boolean {
    return false;
  }

  wake(sink: Sink, before: (key: Key) => void): Key[] {
    const time = this.schedule.next;
    const due = this.schedule.take().filter((key) => this.state(key)?.wakes === time);
    const gone: Key[] = [];
    for (const key of inOrderOfArrival(due)) {
      before(key);
      const state = this.state(key) as State;
      const size = this.sizeOf(state);
      this.act(key, state, time, sink);
      const left = this.sizeOf(state);
      this.held += left - size;
      if (left > 0) this.schedule.put((state.wakes = this.nextWake(state, time)), key);
      else {
        key.states[this.index] = undefined;
        gone.push(key);
      }
    }
    return gone;
  }

  encode(key: Key): Json {
    const state = this.state(key);
    return state ? [encodeNumber(state.wakes), this.encodeState(state)] : null;
  }

  decode(key: Key, encoded: Json): void {
    if (encoded === null) return;
    const [wakes, rest] = encoded as [Json, Json];
    const state = this.keep(key, this.decodeState(rest, decodeNumber(wakes)));
    this.held += this.sizeOf(state);
    this.schedule.put(state.wakes, key);
  }

  protected state(key: Key): State | undefined {
    return key.states[this.index] as State | undefined;
  }

  protected keep(key: Key, state: State): State {
    return (key.states[this.index] = state);
  }

  /** Has a state woken at another time. Where it was put before it still comes, and is found to have nothing to do then. */
  protected wakeAt(key: Key, state: State, time: number): void {
    if (time === state.wakes) return;
    state.wakes = time;
    this.schedule.put(time, key);
  }
}
