import type { WatermarkDefinition } from './definition.js';
import type { EngineEvent, Json, Mark, SourceClock } from './messages.js';
import { decodeNumber, encodeNumber } from './slices.js';
import { SourceHeap, type Source } from './source-heap.js';

/**
 * How far a stream has come. Each source has a clock of its own, which never goes back; the stream's watermark is the least of those
 * that are not idle, and never goes back either. It knows only what it is told: events, marks and ticks.
 */
export class EngineClock {
  watermark = -Infinity;
  private readonly sources = new Map<string | null, Source>();
  /** Those that are not idle. */
  private readonly active = new SourceHeap();
  /** What was said of all sources: one that comes later begins there. */
  private floor = -Infinity;
  /** No source becomes idle before; it may be too early. */
  private idleFrom = Infinity;

  constructor(private readonly definition: WatermarkDefinition) {}

  /** Whether an event is so far ahead of its receipt that its time cannot be believed. */
  isFuture({ time, received }: EngineEvent): boolean {
    const { futureLimit } = this.definition;
    return futureLimit !== null && time > received + futureLimit;
  }

  get size(): number {
    return this.sources.size;
  }

  knows(source: string | null): boolean {
    return this.sources.has(source);
  }

  /**
   * Takes an event whose time is believed.
   * @returns how far it is behind the newest event of its source, in milliseconds; 0 for the newest
   */
  observe({ source, time, received }: EngineEvent): number {
    const its = this.heardOf(source, received);
    const behind = its.maxEventTime === null ? 0 : Math.max(0, its.maxEventTime - time);
    if (its.maxEventTime === null || time > its.maxEventTime) {
      its.maxEventTime = time;
      if (this.definition.type === 'bounded') this.raise(its, time - this.definition.bound);
    }
    this.advance();
    return behind;
  }

  mark({ source, time, received }: Mark): void {
    if (source !== undefined) this.raise(this.heardOf(source, received), time);
    else {
      this.floor = Math.max(this.floor, time);
      for (const its of this.sources.values()) this.raise(its, time);
    }
    this.advance();
  }

  /** Lets sources that were not heard of for too long become idle. @returns whether any did */
  tick(now: number): boolean {
    const { idleAfter } = this.definition;
    if (idleAfter === null || now < this.idleFrom) return false;
    this.idleFrom = Infinity;
    let changed = false;
    for (const its of this.sources.values()) {
      if (its.idle) continue;
      const from = its.lastReceived + idleAfter;
      if (from > now) this.idleFrom = Math.min(this.idleFrom, from);
      else {
        its.idle = true;
        this.active.remove(its);
        changed = true;
      }
    }
    this.advance();
    return changed;
  }

  /** When a tick may make a source idle; null: never. */
  get nextWakeAt(): number | null {
    return this.idleFrom === Infinity ? null : this.idleFrom;
  }

  /** The source that the watermark waits for; undefined where it waits for none. */
  get heldBackBy(): string | null | undefined {
    const least = this.active.least;
    return least && least.watermark < Infinity ? least.name : undefined;
  }

  /** The clocks of `limit` sources, those furthest behind first. */
  view(limit: number): SourceClock[] {
    return [...this.sources.values()]
      .sort((a, b) => Number(a.idle) - Number(b.idle) || a.watermark - b.watermark || 0)
      .slice(0, limit)
      .map(({ name, watermark, maxEventTime, lastReceived, idle }) => ({
        source: name,
        watermark,
        maxEventTime,
        lastReceived,
        idle,
      }));
  }

  encode(): Json {
    return {
      watermark: encodeNumber(this.watermark),
      floor: encodeNumber(this.floor),
      idleFrom: encodeNumber(this.idleFrom),
      sources: [...this.sources.values()].map(({ name, watermark, maxEventTime, lastReceived, idle }) => [
        name,
        encodeNumber(watermark),
        maxEventTime,
        lastReceived,
        idle,
      ]),
    };
  }

  static decode(definition: WatermarkDefinition, encoded: Json): EngineClock {
    const { watermark, floor, idleFrom, sources } = encoded as Record<
      'watermark' | 'floor' | 'idleFrom',
      Json
    > & {
      sources: [string | null, Json, number | null, number, boolean][];
    };
    const clock = new EngineClock(definition);
    clock.watermark = decodeNumber(watermark);
    clock.floor = decodeNumber(floor);
    clock.idleFrom = decodeNumber(idleFrom);
    for (const [name, its, maxEventTime, lastReceived, idle] of sources) {
      const source = { name, watermark: decodeNumber(its), maxEventTime, lastReceived, idle, place: -1 };
      clock.sources.set(name, source);
      if (!idle) clock.active.add(source);
    }
    return clock;
  }

  /** The source of that name, awake. */
  private heardOf(name: string | null, received: number): Source {
    let its = this.sources.get(name);
    if (!its) {
      its = {
        name,
        watermark: this.floor,
        maxEventTime: null,
        lastReceived: received,
        idle: false,
        place: -1,
      };
      this.sources.set(name, its);
      this.active.add(its);
    } else if (its.idle) {
      its.idle = false;
      this.active.add(its);
    }
    its.lastReceived = Math.max(its.lastReceived, received);
    const { idleAfter } = this.definition;
    if (idleAfter !== null) this.idleFrom = Math.min(this.idleFrom, its.lastReceived + idleAfter);
    return its;
  }

  private raise(source: Source, watermark: number): void {
    if (watermark <= source.watermark) return;
    source.watermark = watermark;
    if (!source.idle) this.active.raised(source);
  }

  private advance(): void {
    const least = this.active.least?.watermark ?? -Infinity;
    this.watermark = Math.max(this.watermark, this.floor, least);
  }
}
