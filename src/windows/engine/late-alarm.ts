import type { AlarmDefinition } from './definition.js';
import type { AlarmChange, Json } from './messages.js';

/** Parts of the time that is looked at; the oldest leaves as a whole. */
const PARTS = 60;
/** Once raised, an alarm is cleared at this part of the share that raises it, so that it does not flutter. */
const CLEARED_AT = 0.5;

/** Whether too many events come late: of those received in the last while, by what the events themselves say of their receipt. */
export class LateAlarm {
  /** By number of the part of time: events, and the late ones among them. */
  private readonly parts = new Map<number, [events: number, late: number]>();
  private events = 0;
  private late = 0;
  private latest = -Infinity;
  private change: AlarmChange | null = null;

  constructor(private readonly definition: AlarmDefinition) {}

  /** The last change; null when it was never raised. */
  get state(): AlarmChange | null {
    return this.change;
  }

  get raised(): boolean {
    return this.change?.raised === true;
  }

  /** When a raised alarm clears if nothing more comes; null when it is not raised. */
  get nextWakeAt(): number | null {
    return this.raised ? this.latest + this.definition.over + this.part : null;
  }

  /** @returns the change that the event brings, if it brings one */
  add(late: boolean, received: number): AlarmChange | null {
    this.moveTo(received);
    const number = Math.floor(this.latest / this.part);
    const counts = this.parts.get(number) ?? [0, 0];
    counts[0]++;
    this.events++;
    if (late) {
      counts[1]++;
      this.late++;
    }
    this.parts.set(number, counts);
    return this.judge();
  }

  tick(now: number): AlarmChange | null {
    if (!this.raised) return null;
    this.moveTo(now);
    return this.judge();
  }

  encode(): Json {
    return {
      latest: Number.isFinite(this.latest) ? this.latest : null,
      parts: [...this.parts.entries()].map(([number, [events, late]]) => [number, events, late]),
      change: this.change && { ...this.change },
    };
  }

  static decode(definition: AlarmDefinition, encoded: Json): LateAlarm {
    const alarm = new LateAlarm(definition);
    const { latest, parts, change } = encoded as unknown as {
      latest: number | null;
      parts: [number, number, number][];
      change: AlarmChange | null;
    };
    alarm.latest = latest ?? -Infinity;
    alarm.change = change;
    for (const [number, events, late] of parts) {
      alarm.parts.set(number, [events, late]);
      alarm.events += events;
      alarm.late += late;
    }
    return alarm;
  }

  private get part(): number {
    return Math.max(1, this.definition.over / PARTS);
  }

  private moveTo(now: number): void {
    if (now > this.latest) this.latest = now; // receipts may go back a little; the time that is looked at does not
    const oldest = Math.floor((this.latest - this.definition.over) / this.part) + 1;
    for (const [number, [events, late]] of this.parts) {
      if (number >= oldest) break; // they are in order
      this.parts.delete(number);
      this.events -= events;
      this.late -= late;
    }
  }

  private judge(): AlarmChange | null {
    const { lateRatio, minEvents } = this.definition;
    const ratio = this.events === 0 ? 0 : this.late / this.events;
    const raise = !this.raised && this.events >= minEvents && ratio > lateRatio;
    const clear = this.raised && ratio <= lateRatio * CLEARED_AT;
    if (!raise && !clear) return null;
    this.change = { raised: raise, at: this.latest, lateRatio: ratio, events: this.events };
    return this.change;
  }
}
