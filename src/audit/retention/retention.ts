import type { Database } from 'better-sqlite3';
import { ActWriter } from '../../journal/acts.js';
import type { JournalWriter } from '../../journal/journal-writer.js';
import type { Place } from '../../journal/messages.js';
import { Erasures } from './erasures.js';
import { Holds } from './holds.js';
import type { RemovalReason, RemovedCount, RetentionLimits, StepAnswer } from './messages.js';
import { Pace } from './pace.js';
import { PayloadTally } from './payload-tally.js';
import { Prefix } from './prefix.js';
import { countOf } from './ranges.js';
import { Remover, type Removed } from './remover.js';
import { Shrinker } from './shrinker.js';
import { Sweep, type Visit } from './sweep.js';

/** A cap that is exceeded is brought down to this share of it, so that it is not exceeded again at once. */
const LOW_WATER = 0.95;
/** Passes after which one begins at the oldest record again although some are held: a clock may have gone backwards. */
export const FULL_PASS = 50;
const HOUR = 3_600_000;

/** How long between two looks for what is too old: a hundredth of the shortest age, from a second to an hour. */
export function ageInterval({ keep, keepPayloads }: RetentionLimits): number {
  const ages = [keep, keepPayloads].filter((age) => age > 0);
  return Math.min(HOUR, Math.max(1000, Math.min(...ages) / 100));
}

/** Removes what is too old, too much, or asked to be erased, in short steps. Lives in the journal thread, between its commits. */
export class Retention {
  readonly holds: Holds;
  readonly erasures: Erasures;
  private readonly acts: ActWriter;
  private readonly tally: PayloadTally;
  private readonly remover: Remover;
  private readonly prefix: Prefix;
  private readonly shrinker: Shrinker;
  private readonly pace = new Pace();
  private readonly sweeps: Record<'age' | 'payloadAge' | 'size' | 'payloadSize', Sweep>;
  private limits: RetentionLimits = { keep: 0, keepPayloads: 0, maxSize: 0, maxPayloads: 0 };
  private nextAges = 0;
  private passes = 0;
  /** Which caps are being brought down, and which cannot be. */
  private readonly lowering = new Set<'size' | 'payloadSize'>();
  private readonly stuck = new Set<'size' | 'payloadSize'>();
  /** There may be free pages, or a log, to give back. */
  private slack = true;
  /** What went in the step that is under way. */
  private gone: RemovedCount | null = null;
  /** The last step wrote to the log. */
  private logged = false;

  constructor(
    database: Database,
    /** Told when callers are gone from their table: what knows their ids must forget them. */
    forgetCallers: () => void,
    /** Told, inside the transaction, what went, so that what was made of it goes too. */
    private readonly removed: (removed: Removed) => void = () => undefined,
  ) {
    database.pragma('secure_delete = ON'); // what is removed is overwritten with zeros; it costs only where something is
    this.holds = new Holds(database);
    this.acts = new ActWriter(database);
    this.tally = new PayloadTally(database);
    this.remover = new Remover(database, this.tally);
    this.erasures = new Erasures(database, this.remover, this.holds, forgetCallers);
    this.prefix = new Prefix(database);
    this.shrinker = new Shrinker(database);
    this.sweeps = {
      age: new Sweep(database),
      payloadAge: new Sweep(database),
      size: new Sweep(database),
      payloadSize: new Sweep(database),
    };
  }

  /** What was learnt in a transaction that did not commit is not so. */
  forget(): void {
    this.holds.forget();
    this.erasures.forget();
    this.tally.again();
    this.remover.forget();
    this.holdsChanged();
  }

  /** More may go than before, or less. */
  holdsChanged(): void {
    for (const sweep of Object.values(this.sweeps)) sweep.again();
    this.nextAges = 0;
    this.stuck.clear();
  }

  /** Does some milliseconds of work. @param now epoch milliseconds @throws the database's error when it takes no writes */
  step(writer: JournalWriter, limits: RetentionLimits, now: number): StepAnswer {
    this.limits = limits;
    this.gone = null;
    const more = this.moveLog() || this.removeSome(writer, now) || this.shrink(writer);
    return { more, waits: this.slack && !more, stuck: this.stuck.size > 0, removed: this.gone };
  }

  /** What a step wrote is moved from the log into the file by a step of its own: each waits for the disk. */
  private moveLog(): boolean {
    if (!this.logged) return false;
    this.logged = false;
    const began = performance.now();
    this.shrinker.checkpoint();
    this.pace.held(performance.now() - began);
    return true;
  }

  private removeSome(writer: JournalWriter, now: number): boolean {
    const began = performance.now();
    const deadline = began + this.pace.budget;
    if (!writer.within((place) => this.remove(place, now, deadline))) return false;
    this.pace.held(performance.now() - began);
    this.logged = true;
    this.slack = true;
    return true;
  }

  /** @returns whether there may be more */
  private remove(place: Place, now: number, deadline: number): boolean {
    const erasure = this.erasures.advance(deadline);
    if (erasure) {
      this.tell(place, now, 'request', { erasure: erasure.id, why: erasure.reason ?? undefined });
      if (erasure.done) this.acts.put(place, 'erasureDone', erasure.done, now);
      return true;
    }
    if (this.removeOld(now, deadline)) {
      this.tell(place, now, 'age');
      return true;
    }
    if (this.removeExcess(deadline)) {
      this.tell(place, now, 'size');
      return true;
    }
    const pruned = this.prefix.drop(this.pace.share);
    if (pruned) this.acts.put(place, 'pruned', pruned, now);
    return pruned !== undefined;
  }

  private tell(place: Place, now: number, reason: RemovalReason, more: object = {}): void {
    if (this.remover.empty) return;
    const removed = this.remover.take();
    this.acts.put(place, 'erased', { reason, ...removed, ...more }, now);
    this.removed(removed);
    this.gone = { reason, records: countOf(removed.records), payloads: countOf(removed.payloads) };
  }

  private removeOld(now: number, deadline: number): boolean {
    const { keep, keepPayloads } = this.limits;
    if ((keep === 0 && keepPayloads === 0) || now < this.nextAges) return false;
    const done =
      (keep === 0 || this.sweeps.age.run(now - keep, deadline, this.removeUnheld(deadline))) &&
      (keepPayloads === 0 || this.sweeps.payloadAge.run(now - keepPayloads, deadline, this.eraseUnheld));
    if (!done) return true;
    this.nextAges = now + ageInterval(this.limits);
    // A sweep comes by what is held, or gone already, only once in a while.
    if (this.holds.all.length === 0) this.sweeps.age.again();
    if (++this.passes % FULL_PASS === 0) for (const sweep of Object.values(this.sweeps)) sweep.again();
    return !this.remover.empty;
  }

  private removeExcess(deadline: number): boolean {
    const { maxSize, maxPayloads } = this.limits;
    if (maxSize > 0) {
      const size = (): number => this.shrinker.used;
      const visit = this.removeUnheld(deadline);
      if (this.lower('size', size, maxSize, deadline, visit)) return true;
    }
    if (maxPayloads === 0) return false;
    if (!this.tally.run(deadline)) return true;
    return this.lower('payloadSize', () => this.tally.bytes, maxPayloads, deadline, this.eraseUnheld);
  }

  /** @returns whether it did, or has yet to do, anything */
  private lower(
    name: 'size' | 'payloadSize',
    size: () => number,
    cap: number,
    deadline: number,
    visit: (seq: number) => Visit,
  ): boolean {
    if (!this.lowering.has(name)) {
      if (size() <= cap) {
        this.stuck.delete(name);
        return false;
      }
      this.lowering.add(name);
      this.sweeps[name].again();
    }
    const enough = (): boolean => size() <= cap * LOW_WATER;
    if (!this.sweeps[name].run(null, deadline, visit, enough)) return true;
    this.lowering.delete(name);
    if (size() > cap) this.stuck.add(name);
    else this.stuck.delete(name);
    return !this.remover.empty;
  }

  private removeUnheld(deadline: number): (seq: number) => Visit {
    return (seq) => {
      if (this.holds.hold(seq)) return 'next';
      if (!this.remover.removeOutcomes(seq, deadline)) return 'unfinished';
      this.remover.remove(seq);
      return 'next';
    };
  }

  private readonly eraseUnheld = (seq: number): Visit => {
    if (!this.holds.hold(seq)) this.remover.erasePayload(seq);
    return 'next';
  };

  /** Gives back what was freed. @returns whether there may be more to do now */
  private shrink(writer: JournalWriter): boolean {
    if (!this.slack) return false;
    if (this.shrinker.vacuum()) {
      this.logged = true;
      return true;
    }
    if (!this.shrinker.truncateLog()) return false; // a reader is at work; next time
    this.slack = false;
    if (!this.erasures.sealing) return false;
    writer.within(() => this.erasures.sealed());
    return false;
  }
}
