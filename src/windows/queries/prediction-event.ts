import type { Database, Statement } from 'better-sqlite3';
import type { RecordEvent } from '../../audit/record.js';
import { PREDICTIONS } from '../storage/predictions/definition.js';
import { recordOf, timeOf } from '../storage/predictions/prediction-line.js';

interface Row {
  seq: number;
  body: string;
}

/** Finds the event of the built-in stream that was made of a record. Lives in a reader thread. */
export class PredictionEvent {
  private readonly row: Statement;

  constructor(database: Database) {
    this.row = database.prepare(
      `SELECT l.seq, l.body FROM streams s
       JOIN stream_log_records r ON r.stream_id = s.id AND r.last_record >= ?
       JOIN stream_log l ON l.stream_id = r.stream_id AND l.seq = r.seq
       WHERE s.name = ? ORDER BY r.last_record LIMIT 1`,
    );
  }

  /**
   * The events of the record at `seq`: one, or none where it is no prediction, or its event is erased or kept no longer.
   */
  of(seq: number): RecordEvent[] {
    const row = this.row.get(seq, PREDICTIONS) as Row | undefined;
    if (!row) return [];
    const lines = row.body.split('\n');
    const index = lines.findIndex((line) => recordOf(line) === seq);
    const time = timeOf(lines[index] ?? '');
    if (time === null) return [];
    return [{ stream: PREDICTIONS, seq: row.seq + index, time: new Date(time).toISOString() }];
  }
}
