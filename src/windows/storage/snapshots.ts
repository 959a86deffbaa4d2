import type { Database, Statement } from 'better-sqlite3';
import type { StreamSnapshot } from './core.js';
import type { LoadedStream } from './loaded-stream.js';

/** About how many characters a part has. */
const PART = 2 ** 20;

/** Events and characters of the log after which a snapshot is worth its while, whatever its size. */
export const SNAPSHOT_EVENTS = 50_000;
const SNAPSHOT_BYTES = 16 * 2 ** 20;
/** A large snapshot is written only once the log has grown by this share of it. */
const SHARE = 0.5;
/** At a clean end, a log longer than this share of what makes a snapshot due is worth one. */
const AT_END = 0.02;

/** A snapshot that is being written. */
export interface Draft {
  readonly stream: LoadedStream;
  readonly id: number;
  readonly seq: number;
  /** What its engine knew when it was begun, which the engine makes bit by bit. */
  readonly snapshot: StreamSnapshot;
  readonly bodies: Iterator<string, undefined>;
  /** The body of the next part. */
  next: string | undefined;
  bytes: number;
  /** The log up to it. */
  readonly covers: { events: number; bytes: number };
  written: number;
}

/** What became of a draft: there is more to write; it is whole; its engine was told other windows, and it is worth nothing. */
export type DraftState = 'more' | 'whole' | 'lost';

/**
 * Snapshots of engines: the strings that an engine makes of itself, a line each, in parts of about a megabyte; the first part is the
 * definition. A snapshot at `seq` stands for all of the log before it, and is whole once it has a part that says it is the `last`.
 * Lives in the journal thread.
 */
export class Snapshots {
  private readonly statements;
  /** Characters of the newest one, by stream. */
  private readonly sizes = new Map<number, number>();

  constructor(database: Database) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      newest: one('SELECT max(seq) FROM stream_snapshots WHERE stream_id = ? AND part = last - 1').pluck(),
      parts: one('SELECT body FROM stream_snapshots WHERE stream_id = ? AND seq = ? ORDER BY part').pluck(),
      insert: one('INSERT INTO stream_snapshots (stream_id, seq, part, last, body) VALUES (?, ?, ?, ?, ?)'),
      // What a draft left at the same place that was never finished.
      clear: one('DELETE FROM stream_snapshots WHERE stream_id = ? AND seq = ?'),
      older: one(
        `SELECT rowid FROM stream_snapshots WHERE stream_id = ? AND seq < ?
         ORDER BY seq, part DESC LIMIT 1`,
      ).pluck(),
      drop: one('DELETE FROM stream_snapshots WHERE rowid = ?'),
    };
  }

  /** Where the newest whole one of a stream is; null: there is none. */
  newest(id: number): number | null {
    return this.statements.newest.get(id) as number | null;
  }

  read(id: number, seq: number): { definition: string; parts: Iterable<string> } {
    const [definition = '', ...bodies] = this.statements.parts.all(id, seq) as string[];
    this.sizes.set(
      id,
      bodies.reduce((sum, body) => sum + body.length, 0),
    );
    return { definition, parts: bodies.flatMap((body) => body.split('\n')) };
  }

  /** Whether the log since the newest one of a stream is long enough for another. */
  due({ id, tail }: LoadedStream, atEnd = false): boolean {
    const share = atEnd ? AT_END : 1;
    const size = SHARE * (this.sizes.get(id) ?? 0);
    const grown = tail.bytes >= share * Math.max(SNAPSHOT_BYTES, size);
    return grown || (tail.events >= share * SNAPSHOT_EVENTS && tail.bytes >= share * size);
  }

  /** Begins to take down what the engine of a stream knows now; all of it must be in the log. */
  draft(stream: LoadedStream): Draft {
    const snapshot = stream.engine.snapshot();
    return {
      stream,
      id: stream.id,
      seq: stream.nextSeq,
      snapshot,
      bodies: bundled(snapshot),
      next: stream.definition,
      bytes: 0,
      covers: { ...stream.tail },
      written: 0,
    };
  }

  /** Writes the next part. */
  writePart(draft: Draft): DraftState {
    const { id, seq, next: body = '', snapshot } = draft;
    draft.next = draft.bodies.next().value;
    if (draft.next === undefined && !snapshot.isWhole) return 'lost';
    if (draft.written === 0) {
      if (this.newest(id) === seq) return 'whole'; // there is one of this place in the log already
      this.statements.clear.run(id, seq);
    }
    const number = draft.written++;
    const isLast = draft.next === undefined;
    this.statements.insert.run(id, seq, number, isLast ? number + 1 : 0, body);
    draft.bytes += body.length;
    return isLast ? 'whole' : 'more';
  }

  /** Writes all of a draft that was begun just now. */
  writeAll(draft: Draft): void {
    while (this.writePart(draft) === 'more');
  }

  /** The whole of a draft is on disk. */
  settled({ stream, id, bytes, covers }: Draft): void {
    this.sizes.set(id, bytes);
    stream.tail.events -= covers.events;
    stream.tail.bytes -= covers.bytes;
  }

  /** Removes a part of one that a newer whole one stands for. @returns whether there was any */
  dropOld(id: number): boolean {
    const newest = this.newest(id);
    if (newest === null) return false;
    const row = this.statements.older.get(id, newest) as number | undefined;
    if (row === undefined) return false;
    this.statements.drop.run(row);
    return true;
  }
}

function* bundled(strings: Iterable<string>): Generator<string, undefined> {
  let bundle: string[] = [];
  let size = 0;
  for (const one of strings) {
    bundle.push(one);
    size += one.length;
    if (size < PART) continue;
    yield bundle.join('\n');
    bundle = [];
    size = 0;
  }
  if (bundle.length > 0) yield bundle.join('\n');
  return undefined;
}
