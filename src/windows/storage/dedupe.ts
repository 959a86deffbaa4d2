import { hash } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import type { LoadedStream } from './loaded-stream.js';

/** Bytes of a digest: of 2^64 different ids two have the same one with even odds. */
const DIGEST_BYTES = 16;
/** Fresh ids from which on they are settled. */
export const SETTLE_FROM = 20_000;

/** The fresh ids of a stream, as `stream_fresh_ids` has them. */
interface Fresh {
  /** When each was received, by its digest, a character a byte. */
  received: Map<string, number>;
  /** Those of the request that is being taken. */
  pending: string[];
  settling: Settling | null;
}

/** Ids on their way to `stream_ids`, in its order. */
interface Settling {
  digests: string[];
  received: number[];
  next: number;
  /** The last row of fresh ids that they are of. */
  upTo: number;
}

/**
 * Knows which ids of events came lately. Ids are in no order, so a table of them would be written all over, a page an id; fresh ones
 * are therefore kept in memory, and on disk as one row a request, until there are many: then they are settled in the order of the table.
 * Lives in the journal thread, inside its transaction.
 */
export class Dedupe {
  private readonly statements: Record<'find' | 'settle' | 'write' | 'read' | 'drop', Statement>;
  /** Of a stream that was forgotten, and is restored, they are read again. */
  private readonly fresh = new WeakMap<LoadedStream, Fresh>();

  constructor(database: Database) {
    this.statements = {
      find: database.prepare('SELECT received FROM stream_ids WHERE stream_id = ? AND digest = ?').pluck(),
      settle: database.prepare(
        `INSERT INTO stream_ids (stream_id, digest, received) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET received = excluded.received`,
      ),
      write: database.prepare(
        'INSERT INTO stream_fresh_ids (stream_id, seq, received, digests) VALUES (?, ?, ?, ?)',
      ),
      read: database.prepare(
        'SELECT seq, received, digests FROM stream_fresh_ids WHERE stream_id = ? ORDER BY seq',
      ),
      drop: database.prepare('DELETE FROM stream_fresh_ids WHERE stream_id = ? AND seq <= ?'),
    };
  }

  /**
   * Remembers an id of a source; `write` puts it on disk. A duplicate does not make an id younger.
   * @returns what takes that back, for an event that is refused after all; null: it came before, at most `dedupeFor` ago
   */
  take(stream: LoadedStream, source: string | null, id: string, received: number): (() => void) | null {
    const fresh = this.freshOf(stream);
    const digest = digestOf(source, id);
    const before = fresh.received.get(digest);
    const seen = before ?? this.settledAt(stream, digest);
    if (seen !== undefined && seen >= received - stream.meaning.dedupeFor) return null;
    fresh.received.set(digest, received);
    fresh.pending.push(digest);
    return () => {
      fresh.pending.pop();
      if (before === undefined) fresh.received.delete(digest);
      else fresh.received.set(digest, before);
    };
  }

  /** Writes down the ids of a request whose events come next in the log. */
  write(stream: LoadedStream, received: number): void {
    const fresh = this.freshOf(stream);
    if (fresh.pending.length === 0) return;
    this.statements.write.run(stream.id, stream.nextSeq, received, bytesOf(fresh.pending.join('')));
    fresh.pending = [];
  }

  /** Whether there is something to settle. */
  isDue(stream: LoadedStream): boolean {
    if (stream.meaning.id === null) return false;
    const { settling, received } = this.freshOf(stream);
    return settling !== null || received.size >= SETTLE_FROM;
  }

  /** Settles fresh ids, within a transaction. @returns whether all that were there when it began are */
  settle(stream: LoadedStream, deadline: number): boolean {
    const fresh = this.freshOf(stream);
    const settling = (fresh.settling ??= begun(fresh, stream));
    const { digests, received } = settling;
    for (; settling.next < digests.length; settling.next++) {
      if (settling.next % 64 === 63 && performance.now() >= deadline) return false;
      const at = settling.next;
      this.statements.settle.run(stream.id, bytesOf(digests[at] as string), received[at]);
    }
    this.statements.drop.run(stream.id, settling.upTo);
    digests.forEach((digest, at) => {
      if (fresh.received.get(digest) === received[at]) fresh.received.delete(digest);
    });
    fresh.settling = null;
    return true;
  }

  private settledAt(stream: LoadedStream, digest: string): number | undefined {
    return this.statements.find.get(stream.id, bytesOf(digest)) as number | undefined;
  }

  private freshOf(stream: LoadedStream): Fresh {
    const known = this.fresh.get(stream);
    if (known) return known;
    const fresh: Fresh = { received: new Map(), pending: [], settling: null };
    for (const row of this.statements.read.iterate(stream.id) as Iterable<{
      received: number;
      digests: Buffer;
    }>) {
      const digests = row.digests.toString('latin1');
      for (let at = 0; at < digests.length; at += DIGEST_BYTES)
        fresh.received.set(digests.slice(at, at + DIGEST_BYTES), row.received);
    }
    this.fresh.set(stream, fresh);
    return fresh;
  }
}

function begun({ received }: Fresh, { nextSeq }: LoadedStream): Settling {
  const digests = [...received.keys()].sort();
  return {
    digests,
    received: digests.map((digest) => received.get(digest) as number),
    next: 0,
    upTo: nextSeq - 1,
  };
}

function bytesOf(digests: string): Buffer {
  return Buffer.from(digests, 'latin1');
}

function digestOf(source: string | null, id: string): string {
  // The length of the source keeps ("a", "bc") and ("ab", "c") apart, whatever is in them; -1 stands for none.
  const text = `${source?.length ?? -1}:${source ?? ''}${id}`;
  return hash('sha256', text, 'binary').slice(0, DIGEST_BYTES);
}
