/** The clock of a stream, by the plainest reading: everything it was told is kept, and looked through each time. */
import type { WatermarkDefinition } from '../../src/windows/engine/definition.js';
import type { EngineEvent, Mark } from '../../src/windows/engine/messages.js';

export interface ReferenceSource {
  source: string | null;
  watermark: number;
  maxEventTime: number | null;
  lastReceived: number;
  idle: boolean;
}

export class ReferenceClock {
  readonly sources: ReferenceSource[] = [];
  watermark = -Infinity;
  private ended = false;

  constructor(private readonly definition: WatermarkDefinition) {}

  isFuture({ time, received }: EngineEvent): boolean {
    const { futureLimit } = this.definition;
    return futureLimit !== null && time > received + futureLimit;
  }

  /** An event that is not future. */
  event({ source, time, received }: EngineEvent): void {
    const known = this.hear(source, received);
    known.maxEventTime = Math.max(known.maxEventTime ?? -Infinity, time);
    if (this.definition.type === 'bounded')
      known.watermark = Math.max(known.watermark, time - this.definition.bound);
    this.move();
  }

  mark({ source, time, received }: Mark): void {
    if (source === undefined) {
      if (time !== Infinity) throw new Error('only the end is of all sources');
      this.ended = true;
      for (const one of this.sources) one.watermark = Infinity;
    } else {
      const known = this.hear(source, received);
      known.watermark = Math.max(known.watermark, time);
    }
    this.move();
  }

  tick(now: number): void {
    const { idleAfter } = this.definition;
    if (idleAfter === null) return;
    for (const one of this.sources) one.idle ||= one.lastReceived + idleAfter <= now;
    this.move();
  }

  get nextWakeAt(): number | null {
    const { idleAfter } = this.definition;
    const awake = this.sources.filter(({ idle }) => !idle);
    if (idleAfter === null || awake.length === 0) return null;
    return Math.min(...awake.map(({ lastReceived }) => lastReceived)) + idleAfter;
  }

  private hear(source: string | null, received: number): ReferenceSource {
    let known = this.sources.find((one) => one.source === source);
    if (known === undefined) {
      const watermark = this.ended ? Infinity : -Infinity;
      known = { source, watermark, maxEventTime: null, lastReceived: received, idle: false };
      this.sources.push(known);
    }
    known.lastReceived = received;
    known.idle = false;
    return known;
  }

  private move(): void {
    const awake = this.sources.filter(({ idle }) => !idle);
    const least = this.ended
      ? Infinity
      : awake.length === 0
        ? -Infinity
        : Math.min(...awake.map((one) => one.watermark));
    this.watermark = Math.max(this.watermark, least);
  }
}
