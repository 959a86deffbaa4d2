import type { Database } from 'better-sqlite3';
import type { JournalWriter } from '../../journal/journal-writer.js';
import type { Dedupe } from './dedupe.js';
import type { LoadedStream } from './loaded-stream.js';
import type { Draft, Snapshots } from './snapshots.js';
import { StreamRetention } from './stream-retention.js';
import type { StreamRegistry } from './stream-registry.js';

/** Milliseconds after which a step begins nothing more; its commit comes on top. */
const STEP = 4;
/** Milliseconds between two looks for streams of which events are too old that only a snapshot sets free. */
const LOOK = 10_000;

/** Writes snapshots and removes what is too old, in short steps between commits. Lives in the journal thread. */
export class Housekeeping {
  private readonly retention: StreamRetention;
  private draft: Draft | undefined;
  private nextLook = 0;

  constructor(
    database: Database,
    private readonly registry: StreamRegistry,
    private readonly snapshots: Snapshots,
    private readonly dedupe: Dedupe,
  ) {
    this.retention = new StreamRetention(database, registry, snapshots, dedupe);
  }

  /** Does a step. @returns whether another would find work now @throws the database's error when it takes no writes */
  step(writer: JournalWriter, now: number): boolean {
    const deadline = performance.now() + STEP;
    try {
      return (
        this.writeSnapshot(writer, now, deadline) ||
        this.settleIds(writer, deadline) ||
        this.removeOld(writer, now, deadline)
      );
    } catch (error) {
      this.draft = undefined;
      this.retention.again();
      throw error;
    }
  }

  /** Writes a snapshot of each stream that has much to hear again otherwise. */
  finish(writer: JournalWriter): void {
    this.draft = undefined;
    for (const stream of this.registry.all())
      if (stream.tail.events > 0 && this.snapshots.due(stream, true)) {
        const draft = this.snapshots.draft(stream);
        writer.within(() => this.snapshots.writeAll(draft));
      }
  }

  private writeSnapshot(writer: JournalWriter, now: number, deadline: number): boolean {
    if (this.draft) {
      this.draft = this.goOn(writer, this.draft, deadline);
      return true;
    }
    const due = this.registry.all().find((stream) => this.isDue(stream, now));
    if (now >= this.nextLook) this.nextLook = now + LOOK;
    if (due) this.draft = this.snapshots.draft(due);
    return due !== undefined;
  }

  private isDue(stream: LoadedStream, now: number): boolean {
    if (stream.tail.events === 0) return false;
    if (this.snapshots.due(stream)) return true;
    return now >= this.nextLook && this.retention.waitsForSnapshot(stream, now);
  }

  /** @returns what is left of it */
  private goOn(writer: JournalWriter, draft: Draft, deadline: number): Draft | undefined {
    // Its stream may be gone by now, or begun anew.
    if (this.registry.state(draft.stream.name)?.id !== draft.id) return undefined;
    const state = writer.within(() => {
      for (;;) {
        const written = this.snapshots.writePart(draft);
        if (written !== 'more' || performance.now() >= deadline) return written;
      }
    });
    if (state === 'whole') this.snapshots.settled(draft);
    return state === 'more' ? draft : undefined;
  }

  private settleIds(writer: JournalWriter, deadline: number): boolean {
    const stream = this.registry.all().find((one) => this.dedupe.isDue(one));
    if (stream) writer.within(() => this.dedupe.settle(stream, deadline));
    return stream !== undefined;
  }

  private removeOld(writer: JournalWriter, now: number, deadline: number): boolean {
    if (!this.retention.plan(now)) return false;
    writer.within(() => this.retention.run(deadline));
    return true;
  }
}
