import type { Database } from 'better-sqlite3';
import type { JournalWriter } from '../../journal/journal-writer.js';
import type { Applier } from '../../journal/messages.js';
import type { RecordListener } from '../../audit/record-listener.js';
import { viewDefinition } from '../definition/view.js';
import {
  STREAM_DELETE,
  STREAM_EVENTS,
  STREAM_PUT,
  STREAM_TICK,
  type StreamClock,
  type StreamClockQuery,
  type StreamHousekeeping,
  type StreamOpen,
  type StreamOpenQuery,
  type StreamPut,
} from '../messages.js';
import { checkedDefinition, type StreamCore } from './core.js';
import { Dedupe } from './dedupe.js';
import { DefinitionApplier, DeletionApplier } from './definition-applier.js';
import { EventApplier } from './event-applier.js';
import { Housekeeping } from './housekeeping.js';
import { LateWriter } from './late-writer.js';
import { StreamLog } from './log.js';
import { figuresOf } from './stream-figures.js';
import { PREDICTIONS, PREDICTIONS_DEFINITION } from './predictions/definition.js';
import { PredictionErasure, type Gone } from './predictions/prediction-erasure.js';
import { PredictionEvents } from './predictions/prediction-events.js';
import { Restorer } from './restore.js';
import { ResultWriter } from './result-writer.js';
import { Snapshots } from './snapshots.js';
import { StreamRegistry } from './stream-registry.js';
import { TickApplier } from './tick-applier.js';

/** All of the streams that lives in the journal thread, put together. */
export class StreamStore {
  /** By the kind of entry, who applies it. */
  readonly appliers: Readonly<Record<string, Applier>>;
  /** What the writer of records must tell of each. */
  readonly predictions: RecordListener;
  private readonly registry: StreamRegistry;
  private readonly housekeeping: Housekeeping;
  private readonly erasure: PredictionErasure;
  private readonly definitions: DefinitionApplier;

  constructor(
    database: Database,
    private readonly core: StreamCore,
  ) {
    const log = new StreamLog(database);
    const snapshots = new Snapshots(database);
    const registry = new StreamRegistry(database, new Restorer(core, log, snapshots));
    const results = new ResultWriter(database);
    const late = new LateWriter(database);
    const dedupe = new Dedupe(database);
    const writers = { log, results, late, dedupe };
    this.registry = registry;
    this.housekeeping = new Housekeeping(database, registry, snapshots, dedupe);
    this.erasure = new PredictionErasure(database, registry, snapshots);
    this.predictions = new PredictionEvents(database, registry, writers);
    this.definitions = new DefinitionApplier(database, core, registry, log);
    this.appliers = {
      [STREAM_PUT]: this.definitions,
      [STREAM_DELETE]: new DeletionApplier(registry),
      [STREAM_EVENTS]: new EventApplier(database, registry, writers, core.limits),
      [STREAM_TICK]: new TickApplier(registry, log, results),
    };
  }

  /** Restores the streams, and makes the built-in one where there is none. @throws the database's error */
  begin(writer: JournalWriter, now: number): void {
    this.registry.all();
    if (this.registry.state(PREDICTIONS)) return;
    const definition = viewDefinition(checkedDefinition(this.core, PREDICTIONS_DEFINITION));
    const put: StreamPut = { name: PREDICTIONS, definition, restart: false, now };
    writer.within(() => this.definitions.apply(put));
  }

  /** @returns null: there is no such stream @throws DamagedStream */
  clock({ name, sources }: StreamClockQuery): StreamClock | null {
    const stream = this.registry.find(name);
    if (!stream) return null;
    return {
      clock: stream.engine.clock(sources),
      duplicates: stream.duplicates,
      rejected: stream.rejected,
    };
  }

  /** @returns null: there is no such stream @throws DamagedStream */
  open({ name, query }: StreamOpenQuery): StreamOpen | null {
    const stream = this.registry.find(name);
    if (!stream) return null;
    return { items: stream.engine.open(query), watermark: stream.engine.watermark };
  }

  /** When the next tick has something to do; null: none will, as far as the log tells. */
  wake(): number | null {
    const wakes = this.registry.all().flatMap(({ engine: { nextWakeAt } }) => nextWakeAt ?? []);
    return wakes.length === 0 ? null : Math.min(...wakes);
  }

  /** Does some milliseconds of work on snapshots and of retention. @param figures whether they are told too @throws the database's error */
  keep(writer: JournalWriter, now: number, figures = false): StreamHousekeeping {
    return {
      more: this.housekeeping.step(writer, now),
      broken: this.registry.broken,
      figures: figures ? figuresOf(this.registry.all()) : null,
    };
  }

  /** Takes out of the built-in stream what was erased of the record, inside the transaction that erases it. */
  erase(gone: Gone): void {
    this.erasure.erase(gone);
  }

  /** Leaves the streams so that the next start has little to hear again. @throws the database's error */
  close(writer: JournalWriter): void {
    this.housekeeping.finish(writer);
  }
}
