import type { Database, Statement } from 'better-sqlite3';
import type { AlarmChange, Sink, WindowResult, Withdrawal } from '../engine/messages.js';
import type { LoadedStream } from './loaded-stream.js';

/** What `stream_windows.body` holds, as JSON. */
export type WindowBody = Pick<WindowResult, 'values' | 'truncated' | 'approximate'>;

/** Of a withdrawal. */
const NO_VALUES = '{"values":{}}';

/** Writes what engines say: results, withdrawals and alarms, each with the next emission of its stream. Lives in the journal thread. */
export class ResultWriter {
  private readonly statements: Record<'insert' | 'supersede' | 'alarm', Statement>;

  constructor(database: Database) {
    const one = (sql: string): Statement => database.prepare(sql);
    this.statements = {
      insert: one(
        `INSERT INTO stream_windows (stream_id, emission, window, start, "end", "key", revision, events, body, merged_start,
           merged_end, superseded, written) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
      ),
      supersede: one(
        // Left to itself, SQLite looks at all windows of the stream, since the index is one that the update changes.
        `UPDATE stream_windows INDEXED BY stream_windows_time SET superseded = 1
         WHERE stream_id = ? AND window = ? AND start = ? AND "end" = ? AND "key" = ? AND superseded = 0`,
      ),
      alarm: one(
        'INSERT INTO stream_alarms (stream_id, emission, raised, at, late_ratio, events) VALUES (?, ?, ?, ?, ?, ?)',
      ),
    };
  }

  /**
   * Where the engine of a stream puts what it has to say.
   * @param received when it was told what makes it speak
   */
  sinkOf(stream: LoadedStream, received: number): Sink {
    return {
      result: (result) => this.result(stream, result, received),
      withdrawal: (withdrawal) => this.withdrawal(stream, withdrawal, received),
      alarm: (change) => this.alarm(stream, change),
    };
  }

  private result(stream: LoadedStream, result: WindowResult, received: number): void {
    const { window, start, end, key, revision, events, values, truncated, approximate } = result;
    // Only a session may come again at revision 1: after it was withdrawn.
    if (revision > 1 || stream.meaning.windows[window]?.type === 'session')
      this.statements.supersede.run(stream.id, window, start, end, key);
    const body: WindowBody = { values, truncated, approximate };
    this.statements.insert.run(
      stream.id, stream.nextEmission++, window, start, end, key, revision, events, JSON.stringify(body), null, null,
      received,
    ); // prettier-ignore
  }

  private withdrawal(stream: LoadedStream, withdrawal: Withdrawal, received: number): void {
    const { window, start, end, key, revision, mergedInto } = withdrawal;
    this.statements.supersede.run(stream.id, window, start, end, key);
    this.statements.insert.run(
      stream.id, stream.nextEmission++, window, start, end, key, revision, 0, NO_VALUES, mergedInto.start, mergedInto.end,
      received,
    ); // prettier-ignore
  }

  private alarm(stream: LoadedStream, { raised, at, lateRatio, events }: AlarmChange): void {
    this.statements.alarm.run(stream.id, stream.nextEmission++, raised ? 1 : 0, at, lateRatio, events);
  }
}
