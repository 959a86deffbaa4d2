import type { Database } from 'better-sqlite3';
import { IdSweep, WindowSweep } from './sweeps.js';
import type { Dedupe } from './dedupe.js';
import type { LoadedStream } from './loaded-stream.js';
import { Leftovers } from './leftovers.js';
import { LogPruner } from './log-pruner.js';
import type { Snapshots } from './snapshots.js';
import type { StreamRegistry } from './stream-registry.js';

/** Milliseconds between two looks for what is too old. */
const PASS = 10_000;
/** Passes after which one looks at every window. */
const FULL_PASS = 50;

/** Does some work. @returns whether it is done; false: come again */
export type Work = (deadline: number) => boolean;

/**
 * Removes of streams what is older than they keep it, and what is left of streams that are gone. Events and late events go by when they
 * were received, windows by their end or, where that is later, by when they were last said, each against the wall clock, and only once
 * they are final; ids once they are too old to make a duplicate. The log goes no further than the newest whole snapshot. Lives in the journal thread.
 */
export class StreamRetention {
  private readonly pruner: LogPruner;
  private readonly leftovers: Leftovers;
  private readonly windows: WindowSweep;
  private readonly ids: IdSweep;
  private queue: Work[] = [];
  private nextPass = 0;
  private passes = 0;
  /** When the ids of a stream are looked at next. */
  private readonly nextIds = new Map<number, number>();

  constructor(
    database: Database,
    private readonly registry: StreamRegistry,
    private readonly snapshots: Snapshots,
    private readonly dedupe: Dedupe,
  ) {
    this.pruner = new LogPruner(database, snapshots);
    this.leftovers = new Leftovers(database);
    this.windows = new WindowSweep(database);
    this.ids = new IdSweep(database);
  }

  /** Plans what there is to do, once in a while. @returns whether there is something */
  plan(now: number): boolean {
    if (this.queue.length > 0) return true;
    if (now < this.nextPass) return false;
    this.nextPass = now + PASS;
    this.passes++;
    this.queue = [
      this.leftovers.work(),
      ...this.registry.all().flatMap((stream) => this.workOn(stream, now)),
    ];
    return true;
  }

  /** Does some of it, within a transaction. @returns whether anything was removed */
  run(deadline: number): void {
    for (let work = this.queue[0]; work && performance.now() < deadline; work = this.queue[0])
      if (work(deadline)) this.queue.shift();
  }

  /** Whether what a stream keeps of its log can only become less after another snapshot. */
  waitsForSnapshot(stream: LoadedStream, now: number): boolean {
    return this.pruner.waits(stream, now);
  }

  /** What was removed may be there again. */
  again(): void {
    this.queue = [];
    this.nextPass = 0;
    this.nextIds.clear();
  }

  private workOn(stream: LoadedStream, now: number): Work[] {
    const full = this.passes % FULL_PASS === 0;
    const work: Work[] = [
      this.dropSnapshots(stream.id),
      this.pruner.work(stream, now),
      this.windows.work(stream, now, full),
    ];
    const { id, meaning } = stream;
    if (meaning.id !== null && now >= (this.nextIds.get(id) ?? 0)) {
      this.nextIds.set(id, now + Math.max(PASS, meaning.dedupeFor / 10));
      work.push((deadline) => this.dedupe.settle(stream, deadline), this.ids.work(stream, now));
    }
    return work;
  }

  private dropSnapshots(id: number): Work {
    return (deadline) => {
      while (performance.now() < deadline) if (!this.snapshots.dropOld(id)) return true;
      return false;
    };
  }
}
