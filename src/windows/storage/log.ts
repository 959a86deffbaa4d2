import type { Database, Statement } from 'better-sqlite3';
import type { LineForm } from '../messages.js';
import type { LoadedStream, StreamState } from './loaded-stream.js';

/** One row of a stream's log: what its engine was told in one go. */
export interface LogRow {
  seq: number;
  count: number;
  received: number;
  form: LineForm;
  body: string;
}

/**
 * The elements of a log row of the form `json` or `cloudevents`, read; null where one was erased.
 * @throws SyntaxError when a line is no JSON
 */
export function elementsOf(body: string): unknown[] {
  return JSON.parse(`[${body.replaceAll('\n', ',')}]`) as unknown[];
}

/** Writes and reads logs. Lives in the journal thread. */
export class StreamLog {
  private readonly statements: Record<'insert' | 'after' | 'told', Statement>;

  constructor(database: Database) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      insert: one(
        'INSERT INTO stream_log (stream_id, seq, count, received, form, body) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      after: one(
        'SELECT seq, count, received, form, body FROM stream_log WHERE stream_id = ? AND seq >= ? ORDER BY seq',
      ),
      told: one(
        "SELECT 1 FROM stream_log WHERE stream_id = ? AND form IN ('json', 'cloudevents') LIMIT 1",
      ).pluck(),
    };
  }

  /** Logs lines that the engine was told. @returns the `seq` of the first */
  append(stream: LoadedStream, form: LineForm, received: number, lines: readonly string[]): number {
    const seq = stream.nextSeq;
    const count = lines.length;
    const body = lines.length === 1 ? (lines[0] as string) : lines.join('\n');
    this.statements.insert.run(stream.id, seq, count, received, form, body);
    stream.nextSeq += count;
    stream.tail.events += count;
    stream.tail.bytes += body.length;
    return seq;
  }

  /** The rows from `seq` on; nothing else may use the connection until all of them were taken. */
  after({ id }: Pick<StreamState, 'id'>, seq: number): IterableIterator<LogRow> {
    return this.statements.after.iterate(id, seq) as IterableIterator<LogRow>;
  }

  /** Whether events or marks are in the log. */
  told({ id }: Pick<StreamState, 'id'>): boolean {
    return this.statements.told.get(id) !== undefined;
  }
}
