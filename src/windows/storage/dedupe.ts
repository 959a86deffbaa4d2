import { createHash } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import type { LoadedStream } from './loaded-stream.js';

/** Bytes of a digest: of 2^64 different ids two have the same one with even odds. */
const DIGEST_BYTES = 16;

/** Knows which ids of events came lately. Lives in the journal thread, inside its transaction. */
export class Dedupe {
  private readonly statements: Record<'take' | 'giveBack', Statement>;

  constructor(database: Database) {
    this.statements = {
      // Changes nothing, and says so, where the id is there and not too old: a duplicate does not make it younger.
      take: database.prepare(
        `INSERT INTO stream_ids (stream_id, digest, received) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET received = excluded.received WHERE received < excluded.received - ?`,
      ),
      giveBack: database.prepare('DELETE FROM stream_ids WHERE stream_id = ? AND digest = ?'),
    };
  }

  /**
   * Remembers an id of a source.
   * @returns what takes that back, for an event that is refused after all; null: it came before, at most `dedupeFor` ago
   */
  take(stream: LoadedStream, source: string | null, id: string, received: number): (() => void) | null {
    const digest = digestOf(source, id);
    const { take, giveBack } = this.statements;
    const isNew = take.run(stream.id, digest, received, stream.meaning.dedupeFor).changes > 0;
    return isNew ? (): void => void giveBack.run(stream.id, digest) : null;
  }
}

function digestOf(source: string | null, id: string): Buffer {
  // The length of the source keeps ("a", "bc") and ("ab", "c") apart, whatever is in them; -1 stands for none.
  const text = `${source?.length ?? -1}:${source ?? ''}${id}`;
  return createHash('sha256').update(text).digest().subarray(0, DIGEST_BYTES);
}
