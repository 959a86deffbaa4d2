import type { Database, Statement } from 'better-sqlite3';
import type { Applier } from '../../journal/messages.js';
import type { StreamDefinition } from '../engine/definition.js';
import type { StreamDelete, StreamDeleteResult, StreamPut, StreamPutResult } from '../messages.js';
import { checkedDefinition, type StreamCore } from './core.js';
import type { LoadedStream, StreamState } from './loaded-stream.js';
import type { StreamLog } from './log.js';
import { keepsBuiltIn, PREDICTIONS } from './predictions/definition.js';
import type { StreamRegistry } from './stream-registry.js';

/** Most streams there are. */
export const MAX_STREAMS = 1000;

/** Makes streams, gives them other definitions, and has them begin anew. */
export class DefinitionApplier implements Applier {
  private readonly statements: Record<'has' | 'drop', Statement>;

  constructor(
    database: Database,
    private readonly core: StreamCore,
    private readonly registry: StreamRegistry,
    private readonly log: StreamLog,
  ) {
    this.statements = {
      has: database
        .prepare('SELECT 1 FROM stream_windows WHERE stream_id = ? AND window = ? AND superseded = 0 LIMIT 1')
        .pluck(),
      drop: database.prepare('DELETE FROM stream_windows WHERE stream_id = ? AND window = ?'),
    };
  }

  apply(payload: unknown): StreamPutResult {
    const put = payload as StreamPut;
    const meaning = checkedDefinition(this.core, put.definition);
    if (put.name === PREDICTIONS && !keepsBuiltIn(meaning, this.core)) return { refused: 'reserved' };
    const state = this.registry.state(put.name);
    if (!state) return this.create(put, meaning);
    if (put.restart && this.registry.isBroken(put.name)) {
      this.begin(put, meaning, state);
      return { put: 'restarted' };
    }
    const before = this.registry.find(put.name) as LoadedStream;
    return this.replace(before, put, meaning);
  }

  rolledBack(): void {
    this.registry.forget();
  }

  private create(put: StreamPut, meaning: StreamDefinition): StreamPutResult {
    if (this.registry.count >= MAX_STREAMS) return { refused: 'streams' };
    this.begin(put, meaning, undefined);
    return { put: 'created' };
  }

  private replace(before: LoadedStream, put: StreamPut, meaning: StreamDefinition): StreamPutResult {
    if (JSON.stringify(put.definition) === before.definition) return { put: 'unchanged' };
    const altering = this.core.alteringChanges(before.meaning, meaning);
    if (altering.length === 0) {
      this.redefine(before, put, meaning);
      return { put: 'replaced' };
    }
    const empty = before.engine.counters.accepted === 0 && !this.log.told(before);
    if (!empty && !put.restart) return { conflict: altering };
    this.begin(put, meaning, before);
    return { put: empty ? 'replaced' : 'restarted' };
  }

  /**
   * A stream that begins anew has another id, so that all it had is out of sight at once and can be removed bit by bit. Places in the
   * log and emissions go on, so that nobody who remembers one sees it twice.
   */
  private begin(put: StreamPut, meaning: StreamDefinition, before: StreamState | undefined): void {
    const stream: LoadedStream = {
      id: this.registry.freshId(),
      name: put.name,
      definition: JSON.stringify(put.definition),
      created: before?.created ?? put.now,
      changed: changedAt(put.now, before),
      nextSeq: before?.nextSeq ?? 1,
      nextEmission: before?.nextEmission ?? this.registry.freshEmission(),
      duplicates: 0,
      rejected: 0,
      meaning,
      engine: this.core.create(meaning),
      reader: this.core.reader(meaning),
      tail: { events: 0, bytes: 0 },
    };
    this.log.append(stream, 'restart', put.now, [stream.definition]);
    this.registry.put(stream);
  }

  private redefine(stream: LoadedStream, put: StreamPut, meaning: StreamDefinition): void {
    // What a window of the same name said in another life must not be taken for the new one's.
    for (const window of Object.keys(meaning.windows))
      if (!(window in stream.meaning.windows) && this.statements.has.get(stream.id, window))
        this.statements.drop.run(stream.id, window);
    stream.engine.redefine(meaning);
    stream.meaning = meaning;
    stream.reader = this.core.reader(meaning);
    stream.definition = JSON.stringify(put.definition);
    stream.changed = changedAt(put.now, stream);
    this.log.append(stream, 'definition', put.now, [stream.definition]);
    this.registry.define(stream);
    this.registry.save(stream);
  }
}

/** Removes streams: out of sight at once, the rest of it bit by bit. */
export class DeletionApplier implements Applier {
  constructor(private readonly registry: StreamRegistry) {}

  apply(payload: unknown): StreamDeleteResult {
    const { name } = payload as StreamDelete;
    if (name === PREDICTIONS) return { deleted: false, refused: 'reserved' };
    return { deleted: this.registry.drop(name) };
  }

  rolledBack(): void {
    this.registry.forget();
  }
}

/** `changed` tells one definition from the next, so it never stays. */
function changedAt(now: number, before: StreamState | undefined): number {
  return before ? Math.max(now, before.changed + 1) : now;
}
