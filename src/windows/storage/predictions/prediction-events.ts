import type { Database, Statement } from 'better-sqlite3';
import type { PayloadContent } from '../../../audit/record-leaf.js';
import type { RecordListener } from '../../../audit/record-listener.js';
import type { RecordTuple } from '../../../audit/record.js';
import { fieldsOf, type StreamDefinition } from '../../engine/definition.js';
import type { EngineEvent, Sink } from '../../engine/messages.js';
import type { LateWriter } from '../late-writer.js';
import type { LoadedStream } from '../loaded-stream.js';
import type { StreamLog } from '../log.js';
import type { ResultWriter } from '../result-writer.js';
import { DamagedStream } from '../restore.js';
import type { StreamRegistry } from '../stream-registry.js';
import { PREDICTIONS } from './definition.js';
import { numberName, predictionLine, withoutPayload, type PredictionLine } from './prediction-line.js';

type NumberNames = readonly NonNullable<ReturnType<typeof numberName>>[];

/**
 * Makes an event of the built-in stream of each record of a prediction, in the transaction of the record. The events of a commit are
 * one row of the log.
 */
export class PredictionEvents implements RecordListener {
  private waiting: PredictionLine[] = [];
  /** Which numbers of a line are the values of an event; null: the line must be read. */
  private names: { of: StreamDefinition; names: NumberNames | null } | undefined;
  private readonly keys = new Map<string, string>();
  private readonly records: Statement;

  constructor(
    database: Database,
    private readonly registry: StreamRegistry,
    private readonly writers: { log: StreamLog; results: ResultWriter; late: LateWriter },
    private readonly clock: () => number = Date.now,
  ) {
    this.records = database.prepare(
      'INSERT INTO stream_log_records (stream_id, last_record, seq) VALUES (?, ?, ?)',
    );
  }

  recorded(record: RecordTuple, seq: number, kept: PayloadContent | null): void {
    const prediction = predictionLine(record, seq, kept);
    if (prediction) this.waiting.push(prediction);
  }

  flush(): void {
    if (this.waiting.length === 0) return;
    const { waiting } = this;
    this.waiting = [];
    const stream = this.stream();
    if (stream) this.take(stream, waiting);
    else this.registry.reject(PREDICTIONS, waiting.length);
  }

  rolledBack(): void {
    this.waiting = [];
    this.registry.forget();
  }

  /** Undefined: it cannot be restored, which must not keep answers from going on record. */
  private stream(): LoadedStream | undefined {
    try {
      return this.registry.find(PREDICTIONS);
    } catch (error) {
      if (error instanceof DamagedStream) return undefined;
      throw error;
    }
  }

  private take(stream: LoadedStream, waiting: readonly PredictionLine[]): void {
    const received = this.clock();
    const sink = this.writers.results.sinkOf(stream, received);
    const lines: string[] = [];
    let last = 0;
    for (const prediction of waiting) {
      const line = this.takeOne(stream, prediction, received, stream.nextSeq + lines.length, sink);
      if (line === null) stream.rejected++;
      else {
        lines.push(line);
        last = prediction.record;
      }
    }
    if (lines.length > 0)
      this.records.run(stream.id, last, this.writers.log.append(stream, 'json', received, lines));
    this.registry.save(stream);
  }

  /** @returns what the log is to hold; null: a bound keeps it out */
  private takeOne(
    stream: LoadedStream,
    prediction: PredictionLine,
    received: number,
    seq: number,
    sink: Sink,
  ): string | null {
    const read = this.eventOf(stream, prediction, received);
    if (!read) return null;
    const { watermark } = stream.engine;
    const applied = stream.engine.apply(read.event, sink);
    if ('refused' in applied) return null;
    if (applied.missed.length > 0)
      this.writers.late.write(stream, seq, watermark, read.event, applied, read.line);
    return read.line;
  }

  private eventOf(
    stream: LoadedStream,
    prediction: PredictionLine,
    received: number,
  ): { event: EngineEvent; line: string } | null {
    const { time, model, version, numbers, line } = prediction;
    const names = this.namesOf(stream.meaning);
    if (names) {
      const values = names.map((name) => numbers[name]);
      return { event: { time, received, source: null, key: this.keyOf(model, version), values }, line };
    }
    // A feature that is not what somebody's window wants must not keep the prediction out of the others.
    return readLine(stream, line, received) ?? readLine(stream, withoutPayload(line), received);
  }

  private namesOf(meaning: StreamDefinition): NumberNames | null {
    if (this.names?.of !== meaning) {
      const names = fieldsOf(meaning).map(numberName);
      const all = names.every((name) => name !== undefined);
      this.names = { of: meaning, names: all ? names : null };
    }
    return this.names.names;
  }

  private keyOf(model: string, version: string): string {
    const both = `${model}\n${version}`;
    let key = this.keys.get(both);
    if (key === undefined) {
      if (this.keys.size >= 10_000) this.keys.clear();
      key = JSON.stringify([model, version]);
      this.keys.set(both, key);
    }
    return key;
  }
}

function readLine(
  { reader }: LoadedStream,
  line: string,
  received: number,
): { event: EngineEvent; line: string } | null {
  const read = reader.read(JSON.parse(line), 'json', received);
  return 'event' in read ? { event: read.event, line } : null;
}
