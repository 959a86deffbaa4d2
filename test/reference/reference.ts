/**
 * What a stream must say, straight from the contract: nothing is shared with the engine, everything is kept, every step looks through
 * all of it. Slow on purpose.
 */
import { fieldsOf, type StreamDefinition } from '../../src/windows/engine/definition.js';
import {
  DEFAULT_LIMITS,
  type Applied,
  type Counters,
  type EngineEvent,
  type EngineLimits,
  type Mark,
  type Span,
  type Withdrawal,
} from '../../src/windows/engine/messages.js';
import { ReferenceClock } from './clock.js';
import { evaluate, type Entry, type Expected } from './values.js';
import { familyOf, type Extent, type Family, type Held } from './windows.js';

export type Step =
  { event: EngineEvent } | { mark: Mark } | { tick: number } | { redefine: StreamDefinition };

/** A result whose values are what they may be. */
export interface ExpectedResult extends Span {
  key: string;
  revision: number;
  events: number;
  values: Readonly<Record<string, Expected>>;
}

export interface Outcome {
  /** Null where the step is no event. */
  applied: Applied | null;
  /** In no order. */
  results: ExpectedResult[];
  withdrawals: Withdrawal[];
}

export class Reference {
  readonly counters: Counters = { accepted: 0, lateEvents: 0, lateWindows: 0, future: 0, unassigned: 0 };
  readonly clock: ReferenceClock;
  private families: Record<string, Family>;
  private arrivals = 0;

  constructor(
    private definition: StreamDefinition,
    private readonly limits: EngineLimits = DEFAULT_LIMITS,
  ) {
    this.clock = new ReferenceClock(definition.watermark);
    this.families = mapped(definition.windows, familyOf);
  }

  get watermark(): number {
    return this.clock.watermark;
  }

  step(step: Step): Outcome {
    const outcome: Outcome = { applied: null, results: [], withdrawals: [] };
    const before = this.watermark;
    if ('event' in step) outcome.applied = this.apply(step.event, outcome);
    else if ('mark' in step) this.clock.mark(step.mark);
    else if ('tick' in step) this.clock.tick(step.tick);
    else this.redefine(step.redefine);
    this.tell(outcome, ({ end }) => before < end && end <= this.watermark);
    return outcome;
  }

  /** Windows that the watermark has not reached, by start, end, key. */
  open(window: string): ExpectedResult[] {
    return this.all(window, ({ end }) => end > this.watermark);
  }

  /** Windows that are, in every state but withdrawn, by start, end, key. */
  all(window: string, isAsked: (extent: Extent) => boolean = () => true): ExpectedResult[] {
    return (this.families[window]?.windows ?? [])
      .filter((one) => one.events.length > 0 && isAsked(one))
      .map((one) => this.view(window, one))
      .sort((a, b) => a.start - b.start || a.end - b.end || (a.key < b.key ? -1 : 1));
  }

  private apply(event: EngineEvent, outcome: Outcome): Applied {
    const values: Entry['values'] = Object.fromEntries(
      fieldsOf(this.definition).map((field, i) => [field, event.values[i] ?? null]),
    );
    const entry: Entry = { arrival: this.arrivals++, time: event.time, values };
    const missed: Span[] = [];
    const counted: Span[] = [];
    for (const [window, family] of Object.entries(this.families)) {
      const placed = family.place(event.key, entry, (extent) => this.isFinal(extent));
      missed.push(...placed.missed.map((one) => span(window, one)));
      counted.push(...placed.counted.map((one) => span(window, one)));
      for (const { old, into } of placed.swallowed)
        outcome.withdrawals.push({
          ...span(window, old),
          key: old.key,
          revision: old.revision + 1,
          mergedInto: { start: into.start, end: into.end },
        });
      for (const one of placed.changed)
        if (one.end <= this.watermark && one.events.length > 0) {
          one.revision++;
          outcome.results.push(this.view(window, one));
        }
    }
    const future = this.clock.isFuture(event);
    if (!future) this.clock.event(event);
    const applied = {
      future,
      late: missed.length > 0 && counted.length === 0,
      unassigned: missed.length === 0 && counted.length === 0,
      missed,
      counted: missed.length > 0 ? counted : [],
    };
    this.count(applied);
    return applied;
  }

  private count({ future, late, unassigned, missed }: Applied): void {
    this.counters.accepted++;
    this.counters.lateWindows += missed.length;
    if (late) this.counters.lateEvents++;
    if (future) this.counters.future++;
    if (unassigned) this.counters.unassigned++;
  }

  private tell(outcome: Outcome, closes: (extent: Extent) => boolean): void {
    for (const [window, { windows }] of Object.entries(this.families))
      for (const one of windows)
        if (one.events.length > 0 && closes(one)) {
          one.revision = 1;
          outcome.results.push(this.view(window, one));
        }
  }

  /** New windows begin with no events. */
  private redefine(definition: StreamDefinition): void {
    this.definition = definition;
    this.families = mapped(definition.windows, (one, name) => this.families[name] ?? familyOf(one));
  }

  private isFinal({ end }: Extent): boolean {
    return end + this.definition.lateness <= this.watermark;
  }

  private view(window: string, held: Held): ExpectedResult {
    const aggregates = this.definition.windows[window]?.aggregates ?? {};
    return {
      ...span(window, held),
      key: held.key,
      revision: held.revision,
      events: held.events.length,
      values: mapped(aggregates, (one) => evaluate(one, held.events, this.limits)),
    };
  }
}

function span(window: string, { start, end }: Extent): Span {
  return { window, start, end };
}

function mapped<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
