import type { Database } from 'better-sqlite3';
import type { Sink } from '../engine/messages.js';
import type { ElementReader, StreamCore, StreamEngine } from '../storage/core.js';
import { elementsOf, type LogRow } from '../storage/log.js';
import { findStream, KeptLog } from './kept-log.js';
import type { TimePoint, TimesAnswer, TimesQuery } from './messages.js';

/** Most events in the time asked for, and before it, that the clock is followed over. */
export const MOST_EVENTS = 200_000;

const NOBODY: Sink = { result: () => undefined, withdrawal: () => undefined, alarm: () => undefined };

/** Tells events by both their times, and the watermark's steps. Lives in a reader thread. */
export class Times {
  constructor(
    private readonly database: Database,
    private readonly core: StreamCore,
  ) {}

  /** @returns null: there is no such stream; `tooMany`: there are more than `MOST_EVENTS` in the time asked for */
  times({ name, from, to, limit }: TimesQuery): TimesAnswer | 'tooMany' | null {
    const stream = findStream(this.database, this.core, name);
    if (!stream) return null;
    const log = new KeptLog(this.database, stream.id);
    const first = log.first;
    if (first === null) return { items: [], events: 0, exact: true };
    const end = to === undefined ? stream.end : log.receivedFrom(to, stream.end);
    const begin = from === undefined ? Math.max(first, end - limit) : log.receivedFrom(from, end);
    if (end - begin > MOST_EVENTS) return 'tooMany';
    const definition = { ...stream.definition, windows: {}, alarm: null };
    const clock = new Clock(this.core.create(definition), this.core.reader(definition));
    const sample = new Sample(Math.max(1, Math.ceil((end - begin) / limit)), limit);
    let exact: boolean | undefined;
    for (const row of log.rows(Math.max(first, begin - MOST_EVENTS), end)) {
      exact ??= row.form === 'restart';
      for (const { seq, point } of clock.hear(row)) if (seq >= begin && seq < end) sample.add(point);
    }
    return { ...sample.taken, exact: exact === true };
  }
}

/** The clock of a stream, told its log. */
class Clock {
  constructor(
    private readonly engine: StreamEngine,
    private readonly reader: ElementReader,
  ) {}

  /** @returns the events among it, each with the watermark that it left */
  *hear({ form, body, seq, received }: LogRow): Generator<{ seq: number; point: TimePoint }> {
    if (form === 'tick') this.engine.tick(Number(body), NOBODY);
    if (form !== 'json' && form !== 'cloudevents') return;
    for (const [index, element] of elementsOf(body).entries()) {
      const read = this.reader.read(element, form, received);
      if ('mark' in read) this.engine.mark(read.mark, NOBODY);
      if (!('event' in read)) continue;
      this.engine.apply(read.event, NOBODY);
      const { time, source } = read.event;
      yield { seq: seq + index, point: { time, received, source, watermark: this.engine.watermark } };
    }
  }
}

/** Every so many points, and the last. */
class Sample {
  private readonly items: TimePoint[] = [];
  private events = 0;
  private last: TimePoint | undefined;

  constructor(
    private readonly every: number,
    private readonly limit: number,
  ) {}

  add(point: TimePoint): void {
    if (this.events++ % this.every === 0) this.items.push(point);
    this.last = point;
  }

  get taken(): { items: TimePoint[]; events: number } {
    const { items, events, last, limit } = this;
    if (last === undefined || items.at(-1) === last) return { items, events };
    return { items: [...items.slice(0, limit - 1), last], events };
  }
}
