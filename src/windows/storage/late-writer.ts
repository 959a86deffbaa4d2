import type { Database, Statement } from 'better-sqlite3';
import type { Applied, EngineEvent } from '../engine/messages.js';
import type { LoadedStream } from './loaded-stream.js';

/** Writes the ledger of events that missed a window. Lives in the journal thread. */
export class LateWriter {
  private readonly insert: Statement;

  constructor(database: Database) {
    this.insert = database.prepare(
      `INSERT INTO stream_late (stream_id, seq, emission, time, received, late_by, "key", "all", event, missed, counted)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /**
   * Writes an event that missed a window.
   * @param seq of the event in the log
   * @param watermark before the event; since a window was final it is not −∞. By how much an event is late is how far its time is
   *   behind that; after the end of input nobody can say, and 0 is written, which is never the case otherwise.
   */
  write(
    stream: LoadedStream,
    seq: number,
    watermark: number,
    event: EngineEvent,
    { late, missed, counted }: Applied,
    line: string,
  ): void {
    const lateBy = watermark === Infinity ? 0 : watermark - event.time;
    this.insert.run(
      stream.id, seq, stream.nextEmission++, event.time, event.received, lateBy, event.key, late ? 1 : 0, line,
      JSON.stringify(missed), JSON.stringify(counted),
    ); // prettier-ignore
  }
}
