/** For tests: streams on a real file, and what their tables say. */
import type { Database } from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { AUDIT_ENTITIES } from '../../audit/audit.entity.js';
import { AuditWriter } from '../../audit/audit-writer.js';
import { AUDIT_REQUEST } from '../../audit/record.js';
import { retentionAppliers } from '../../audit/retention/retention-entries.js';
import { Retention } from '../../audit/retention/retention.js';
import { openWriter, rawConnection } from '../../database/open.js';
import { JournalWriter } from '../../journal/journal-writer.js';
import type { EntryAnswer, JournalEntry } from '../../journal/messages.js';
import type { Json } from '../engine/messages.js';
import {
  STREAM_DELETE,
  STREAM_EVENTS,
  STREAM_PUT,
  STREAM_TICK,
  type StreamEvents,
  type StreamEventsResult,
  type StreamPutResult,
} from '../messages.js';
import type { StreamCore } from './core.js';
import { streamCore } from './stream-core.js';
import { StreamStore } from './stream-store.js';

/** An entry that nobody applies, so that its batch is rolled back and written entry by entry. */
export const BAD: JournalEntry = ['test.bad', null];

export type Taken = Extract<StreamEventsResult, { accepted: number }>;

export class StreamFolder {
  private constructor(
    readonly folder: string,
    private readonly source: DataSource,
    readonly database: Database,
    readonly store: StreamStore,
    readonly writer: JournalWriter,
    readonly retention: Retention,
  ) {}

  static async open(
    core: StreamCore = streamCore,
    folder = mkdtempSync(join(tmpdir(), 'oriel-streams-')),
  ): Promise<StreamFolder> {
    const source = await openWriter(folder, AUDIT_ENTITIES);
    const database = rawConnection(source);
    const store = new StreamStore(database, core);
    const audit = new AuditWriter(database, store.predictions);
    const retention = new Retention(
      database,
      () => audit.forget(),
      (gone) => store.erase(gone),
    );
    const writer = new JournalWriter(database, {
      [AUDIT_REQUEST]: audit,
      ...retentionAppliers(database, retention),
      ...store.appliers,
    });
    store.begin(writer, 0);
    return new StreamFolder(folder, source, database, store, writer, retention);
  }

  /** As after a kill: nothing is closed, and all that was in memory is gone. */
  async again(core: StreamCore = streamCore): Promise<StreamFolder> {
    const next = await StreamFolder.open(core, this.folder);
    await this.source.destroy();
    return next;
  }

  commit(...entries: JournalEntry[]): EntryAnswer[] {
    return [...(this.writer.commit(entries) ?? entries.map(() => null))];
  }

  put(name: string, definition: Json, { restart = false, now = 0 } = {}): StreamPutResult {
    return resultOf(this.commit([STREAM_PUT, { name, definition, restart, now }])[0]) as StreamPutResult;
  }

  delete(name: string): unknown {
    return resultOf(this.commit([STREAM_DELETE, { name }])[0]);
  }

  tick(now: number): void {
    this.commit([STREAM_TICK, { now }]);
  }

  /** What a request of events is to the journal. */
  request(name: string, events: readonly Json[], more: Partial<StreamEvents> = {}): JournalEntry {
    const lines = events.map((event) => JSON.stringify(event));
    const request: StreamEvents = {
      name,
      received: 0,
      form: 'json',
      lines,
      indexes: lines.map((_, index) => index),
      rejected: 0,
      atomic: false,
      changed: this.column<number>('SELECT changed FROM streams WHERE name = ?', name)[0] ?? 0,
      ...more,
    };
    return [STREAM_EVENTS, request];
  }

  send(name: string, events: readonly Json[], more: Partial<StreamEvents> = {}): StreamEventsResult {
    return resultOf(this.commit(this.request(name, events, more))[0]) as StreamEventsResult;
  }

  /** All steps of housekeeping there are. */
  keep(now: number): void {
    for (let steps = 0; steps < 100_000; steps++) if (!this.store.keep(this.writer, now).more) return;
    throw new Error('housekeeping does not come to an end');
  }

  column<T = unknown>(sql: string, ...values: unknown[]): T[] {
    return this.database
      .prepare(sql)
      .pluck()
      .all(...values) as T[];
  }

  count(table: string, name: string): number {
    const sql = `SELECT count(*) FROM ${table} WHERE stream_id = (SELECT id FROM streams WHERE name = ?)`;
    return this.column<number>(sql, name)[0] as number;
  }

  /** All that the tables say of a stream, but for its log and what is only there to restore it. */
  said(name: string): unknown {
    const of = (table: string, order: string): unknown[] =>
      this.database
        .prepare(
          `SELECT t.* FROM ${table} t JOIN streams s ON s.id = t.stream_id WHERE s.name = ? ORDER BY ${order}`,
        )
        .all(name);
    return {
      row: this.database.prepare('SELECT * FROM streams WHERE name = ?').get(name),
      windows: of('stream_windows', 'emission'),
      late: of('stream_late', 'seq'),
      alarms: of('stream_alarms', 'emission'),
      clock: this.store.clock({ name, sources: 100 }),
    };
  }

  async close(): Promise<void> {
    await this.source.destroy();
    rmSync(this.folder, { recursive: true });
  }
}

export function resultOf(answer: EntryAnswer | undefined): unknown {
  if (!answer || !('result' in answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer.result;
}

/** Events of one stream that is slightly out of order, from several sources, some late, some twice. */
export function* traffic(seed: number): Generator<Json> {
  let state = seed >>> 0;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; ; i++) {
    const late = random(12) === 0 ? 400 : 0;
    const repeat = random(10) === 0 ? 1 + random(5) : 0;
    yield {
      id: `e${Math.max(0, i - repeat)}`,
      car: `c${random(3)}`,
      device: `d${random(2)}`,
      time: i * 10 - random(40) - late,
      speed: random(100),
    };
  }
}

export const CARS: Json = {
  key: ['car'],
  source: 'device',
  id: 'id',
  eventTime: 'time',
  watermark: { type: 'bounded', bound: 20, idleAfter: 500 },
  lateness: 100,
  alarm: { lateRatio: 0.02, over: '1s', minEvents: 10 },
  windows: {
    short: {
      type: 'tumbling',
      size: 100,
      aggregates: { n: { op: 'count' }, avg: { op: 'mean', field: 'speed' } },
    },
    slow: { type: 'hopping', size: 300, every: 70, aggregates: { top: { op: 'max', field: 'speed' } } },
    trip: { type: 'session', gap: 15, aggregates: { list: { op: 'collect', field: 'speed' } } },
  },
};
