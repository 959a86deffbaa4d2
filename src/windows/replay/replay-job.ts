import type { Database } from 'better-sqlite3';
import type { StreamDefinition } from '../engine/definition.js';
import type { EngineEvent } from '../engine/messages.js';
import { findStream, KeptLog } from '../queries/kept-log.js';
import type { LateRow } from '../queries/messages.js';
import {
  checkedDefinition,
  type ElementReader,
  type StreamCore,
  type StreamEngine,
} from '../storage/core.js';
import { elementsOf, type LogRow } from '../storage/log.js';
import { MOST_LATE, type ReplayAnswer, type ReplayQuestion } from './messages.js';
import { Results } from './results.js';

/** Rows of the log that are told in one step; between two of them the job can be given up. */
const STEP = 16;

/**
 * Tells the kept log of a stream to an engine of another definition. Lives in a thread for long reads. Where the sources become idle as
 * in the stream itself, that is told as the log has it; else at the moments that the definition makes of the received times.
 */
export class ReplayJob {
  private readonly rows: Iterator<LogRow, void>;
  private readonly engine: StreamEngine;
  private readonly reader: ElementReader;
  private readonly results: Results;
  private readonly ownTicks: boolean;
  private readonly late: LateRow[] = [];
  private events = 0;
  private rejected = 0;

  /** @throws Error when there is no such stream any more */
  constructor(
    database: Database,
    core: StreamCore,
    private readonly question: ReplayQuestion,
  ) {
    const stream = findStream(database, core, question.name);
    if (!stream) throw new Error(`there is no stream ${question.name}`);
    const definition = { ...checkedDefinition(core, question.definition), alarm: null };
    this.engine = core.create(definition);
    this.reader = core.reader(definition);
    this.results = new Results(Object.keys(definition.windows));
    this.ownTicks = !idlesAlike(definition, stream.definition);
    const log = new KeptLog(database, stream.id);
    const first = log.first ?? stream.end;
    const begin = question.from === undefined ? first : log.receivedFrom(question.from, stream.end);
    this.rows = log.rows(begin, stream.end);
  }

  /** @returns null while there is more to tell */
  next(): ReplayAnswer | null {
    for (let told = 0; told < STEP; told++) {
      const next = this.rows.next();
      if (next.done) return this.answer();
      this.hear(next.value);
    }
    return null;
  }

  private hear({ form, body, seq, received }: LogRow): void {
    const { from = -Infinity, to = Infinity } = this.question;
    if (received < from || received >= to) return;
    if (this.ownTicks) this.tickUntil(received);
    else if (form === 'tick') this.engine.tick(Number(body), this.results);
    if (form !== 'json' && form !== 'cloudevents') return;
    elementsOf(body).forEach((element, index) => {
      if (element === null) return; // it was erased
      const read = this.reader.read(element, form, received);
      if ('event' in read) this.apply(read.event, element, seq + index);
      else if ('faults' in read || this.engine.mark(read.mark, this.results)) this.rejected++;
    });
  }

  private tickUntil(received: number): void {
    for (let due = this.engine.nextWakeAt; due !== null && due <= received; due = this.engine.nextWakeAt)
      if (!this.engine.tick(due, this.results)) return;
  }

  private apply(event: EngineEvent, element: unknown, seq: number): void {
    const { watermark } = this.engine;
    const applied = this.engine.apply(event, this.results);
    if ('refused' in applied) {
      this.rejected++;
      return;
    }
    this.events++;
    if (applied.missed.length === 0 || this.late.length >= MOST_LATE) return;
    const { time, received, key } = event;
    this.late.push({
      seq,
      time,
      received,
      lateBy: watermark === Infinity ? 0 : watermark - time,
      key,
      event: element as LateRow['event'],
      missed: [...applied.missed],
      counted: [...applied.counted],
    });
  }

  private answer(): ReplayAnswer {
    const { watermark, counters } = this.engine;
    const { accepted, lateEvents, lateWindows, future, unassigned } = counters;
    return {
      events: this.events,
      rejected: this.rejected,
      late: { events: lateEvents, windows: lateWindows, items: this.late },
      windows: this.results.with(this.engine),
      watermark,
      counters: { accepted, lateEvents, lateWindows, future, unassigned },
    };
  }
}

function idlesAlike({ watermark: a }: StreamDefinition, { watermark: b }: StreamDefinition): boolean {
  return a.idleAfter === b.idleAfter;
}
