import type { Database } from 'better-sqlite3';
import type { Fault } from '../../errors.js';
import type { Applier } from '../../journal/messages.js';
import type { Applied, EngineLimits, EngineEvent, Refused, Sink } from '../engine/messages.js';
import type { StreamEvents, StreamEventsResult } from '../messages.js';
import type { Dedupe } from './dedupe.js';
import type { LateWriter } from './late-writer.js';
import type { LoadedStream } from './loaded-stream.js';
import { elementsOf, type StreamLog } from './log.js';
import type { ResultWriter } from './result-writer.js';
import { PREDICTIONS } from './predictions/definition.js';
import type { StreamRegistry } from './stream-registry.js';

type Taken = Extract<StreamEventsResult, { accepted: number }>;

/** What an applier of events writes with. */
export interface EventWriters {
  log: StreamLog;
  results: ResultWriter;
  late: LateWriter;
  dedupe: Dedupe;
}

/** Tells engines what requests bring, one element after the other, and writes down all that comes of it. */
export class EventApplier implements Applier {
  constructor(
    private readonly database: Database,
    private readonly registry: StreamRegistry,
    private readonly writers: EventWriters,
    private readonly limits: EngineLimits,
  ) {}

  apply(payload: unknown): StreamEventsResult {
    const request = payload as StreamEvents;
    if (request.name === PREDICTIONS) return { refused: 'reserved' };
    const stream = this.registry.find(request.name);
    if (!stream) return { refused: 'unknown' };
    if (stream.changed !== request.changed) return { refused: 'changed' };
    return request.atomic ? this.takeAllOrNone(stream, request) : this.take(stream, request);
  }

  rolledBack(): void {
    this.registry.forget();
  }

  /** Nothing of it is thrown, which would have the whole commit written again: only this stream must be taken back. */
  private takeAllOrNone(stream: LoadedStream, request: StreamEvents): StreamEventsResult {
    this.database.exec('SAVEPOINT atomic');
    const answer = this.take(stream, request);
    const refused = answer.rejected.length > 0;
    if (refused) {
      this.database.exec('ROLLBACK TO atomic');
      this.registry.forgetOne(stream.name);
    }
    this.database.exec('RELEASE atomic');
    return refused ? { refused: 'atomic', rejected: answer.rejected } : answer;
  }

  private take(stream: LoadedStream, request: StreamEvents): Taken {
    const { received, form, lines, indexes } = request;
    const taking = new Taking(stream, this.writers, this.limits, received);
    const elements = elementsOf(lines.join('\n'));
    if (elements.length !== lines.length) throw new Error('a line is more than one JSON text');
    for (let i = 0; i < lines.length; i++) {
      const read = stream.reader.read(elements[i], form, received);
      const errors = 'faults' in read ? read.faults : taking.take(read, lines[i] as string);
      if (errors) taking.answer.rejected.push({ index: indexes[i] ?? i, errors });
    }
    const { accepted, answer } = taking;
    this.writers.dedupe.write(stream, received);
    if (accepted.length > 0) this.writers.log.append(stream, form, received, accepted);
    stream.rejected += request.rejected + answer.rejected.length;
    stream.duplicates += answer.duplicates;
    this.registry.save(stream);
    return { ...answer, watermark: stream.engine.watermark };
  }
}

/** What a request brings while it is taken, one element after the other. */
class Taking {
  /** The lines that the log is to hold: events and marks. */
  readonly accepted: string[] = [];
  readonly answer: Omit<Taken, 'watermark'> = {
    accepted: 0,
    duplicates: 0,
    late: { events: 0, windows: 0 },
    future: 0,
    rejected: [],
  };
  private readonly sink: Sink;

  constructor(
    private readonly stream: LoadedStream,
    private readonly writers: EventWriters,
    private readonly limits: EngineLimits,
    received: number,
  ) {
    this.sink = writers.results.sinkOf(stream, received);
  }

  /** @returns why it is kept out; undefined: it is not, or it is a duplicate */
  take(
    element: Exclude<ReturnType<LoadedStream['reader']['read']>, { faults: Fault[] }>,
    line: string,
  ): Fault[] | undefined {
    if ('event' in element) return this.takeEvent(element.event, element.id, line);
    const refused = this.stream.engine.mark(element.mark, this.sink);
    if (refused) return this.faultsOf(refused);
    this.accepted.push(line);
    return undefined;
  }

  private takeEvent(event: EngineEvent, id: string | null, line: string): Fault[] | undefined {
    const { stream, answer } = this;
    let giveBack: (() => void) | undefined;
    if (id !== null) {
      const taken = this.writers.dedupe.take(stream, event.source, id, event.received);
      if (!taken) {
        answer.duplicates++;
        return undefined;
      }
      giveBack = taken;
    }
    const { watermark } = stream.engine;
    const applied = stream.engine.apply(event, this.sink);
    if ('refused' in applied) {
      giveBack?.();
      return this.faultsOf(applied);
    }
    this.count(event, applied, watermark, line);
    this.accepted.push(line);
    this.answer.accepted++;
    return undefined;
  }

  private count(event: EngineEvent, applied: Applied, watermark: number, line: string): void {
    const { stream, answer, accepted } = this;
    if (applied.future) answer.future++;
    if (applied.missed.length === 0) return;
    if (applied.late) answer.late.events++;
    answer.late.windows += applied.missed.length;
    this.writers.late.write(stream, stream.nextSeq + accepted.length, watermark, event, applied, line);
  }

  private faultsOf({ refused }: Refused): Fault[] {
    return [
      {
        pointer: '',
        detail: `The stream holds as much as it may: its bound ${refused} is ${this.limits[refused]}.`,
      },
    ];
  }
}
