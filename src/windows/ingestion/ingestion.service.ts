import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { OrielError, pointerToken, MAX_FAULTS, type Fault } from '../../errors.js';
import { decodeBody, type DecodedBody, type EventBody } from '../events/bodies.js';
import { JournalCalls } from '../journal-calls.service.js';
import { LiveService } from '../live/live.service.js';
import { STREAM_EVENTS, type StreamEvents, type StreamEventsResult } from '../messages.js';
import { reservedStream } from '../streams/stream-body.js';
import { StreamsService, unknownStream, type Stream } from '../streams/streams.service.js';
import { Totals, type IngestAnswer } from './totals.js';

/** Most events in one entry of the journal: a commit stays short, and records of other requests come in between. */
const ENTRY_EVENTS = 1000;
/** How often a request is checked anew since the definition changed under it. */
const TRIES = 3;

/** Puts events into streams. */
@Injectable()
export class IngestionService {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly streams: StreamsService,
    private readonly journal: JournalCalls,
    private readonly live: LiveService,
  ) {}

  /**
   * Answers once all that was accepted is on disk. Where a part of a long request fails, what came before it stays.
   * @throws OrielError `unknown-stream`, `reserved-stream`, `stream-changed`; `rejected-events` where `atomic`; those of `decodeBody`;
   *   `journal-full`, `not-recorded` (503)
   */
  async put(name: string, body: EventBody, atomic: boolean, received: number): Promise<IngestAnswer> {
    for (let tries = 1; ; tries++) {
      const stream = await this.streams.one(name);
      const bounds = { elements: this.settings.streamEvents, characters: this.settings.lineLimit };
      const decoded = decodeBody(body, stream.reader, received, bounds);
      const totals = new Totals(decoded);
      if (atomic && totals.rejected.length > 0) throw rejectedEvents(totals.rejected);
      if (await this.take(stream, decoded, totals, { atomic, received, last: tries === TRIES }))
        return totals.answer;
    }
  }

  /** @returns false: none of it was taken, since the definition is another one by now */
  private async take(
    { name, changed }: Stream,
    { form }: DecodedBody,
    totals: Totals,
    { atomic, received, last }: { atomic: boolean; received: number; last: boolean },
  ): Promise<boolean> {
    const { lines, indexes } = totals;
    const step = atomic ? Math.max(1, lines.length) : ENTRY_EVENTS;
    for (let from = 0; from === 0 || from < lines.length; from += step) {
      const part = {
        lines: lines.slice(from, from + step),
        indexes: indexes.slice(from, from + step),
        rejected: from === 0 ? totals.rejected.length : 0,
      };
      const result = await this.append({ name, received, form, ...part, atomic, changed });
      this.live.news(name);
      if (!('refused' in result)) totals.add(result);
      else if (result.refused === 'changed' && from === 0 && !last) {
        this.streams.forget(name);
        return false;
      } else {
        this.streams.forget(name);
        throw refusal(result, from > 0);
      }
    }
    return true;
  }

  private append(events: StreamEvents): Promise<StreamEventsResult> {
    const bytes = events.lines.reduce((sum, line) => sum + line.length, 0);
    return this.journal.append<StreamEventsResult>(STREAM_EVENTS, events, bytes);
  }
}

type Refusal = Extract<StreamEventsResult, { refused: unknown }>;

function refusal({ refused, rejected }: Refusal, begun: boolean): OrielError {
  switch (refused) {
    case 'unknown':
      return unknownStream();
    case 'reserved':
      return reservedStream();
    case 'atomic':
      return rejectedEvents(rejected ?? []);
    case 'changed':
      return new OrielError(
        'conflict',
        'stream-changed',
        begun
          ? 'The definition of the stream changed while the events were taken: the first of them are in, by the old one.'
          : 'The definition of the stream keeps changing: send the events again.',
      );
  }
}

/** The whole of an atomic request is refused; each pointer begins with the index of its event. */
function rejectedEvents(rejected: readonly { index: number; errors: readonly Fault[] }[]): OrielError {
  const faults = rejected.flatMap(({ index, errors }) =>
    errors.map(({ pointer, detail }) => ({ pointer: pointerToken(index) + pointer, detail })),
  );
  return new OrielError('invalid', 'rejected-events', 'Some events cannot be taken, so none of them was.', {
    faults: faults.slice(0, MAX_FAULTS),
  });
}
