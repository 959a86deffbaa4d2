import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { OrielError, pointerToken, MAX_FAULTS, type Fault } from '../../errors.js';
import { decodeBody, type DecodedBody, type EventBody } from '../events/bodies.js';
import { NDJSON_TYPE } from '../../http/media-types.js';
import { JournalCalls } from '../journal-calls.service.js';
import { LiveService } from '../live/live.service.js';
import { STREAM_EVENTS, type StreamEvents, type StreamEventsResult } from '../messages.js';
import { reservedStream } from '../streams/stream-body.js';
import { StreamsService, unknownStream, type Stream } from '../streams/streams.service.js';
import { partsOf } from './event-lines.js';
import { Totals, type IngestAnswer } from './totals.js';

/** Most events in one entry of the journal: a commit stays short, and records of other requests come in between. */
const ENTRY_EVENTS = 1000;
/** How often a request is checked anew since the definition changed under it. */
const TRIES = 3;
/** Most elements of a streamed body that are named as rejected; beyond them it is read no further. */
const MOST_REJECTED = 10_000;

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
    return (await this.putWhole(name, body, { atomic, received, elements: this.settings.streamEvents }))
      .answer;
  }

  /**
   * The same for NDJSON of any length, part by part as it comes: each is on disk before the next is read. What came before a failure stays.
   * @param told is given each part
   * @throws OrielError as `put`; `too-many-rejected` where so many lines are wrong that naming them would not end
   */
  async putStream(
    name: string,
    bytes: Readable,
    headers: EventBody['headers'],
    told: (part: string) => void,
  ): Promise<IngestAnswer> {
    await this.streams.one(name);
    const all = new Totals({ form: 'json', elements: [] });
    for await (const text of partsOf(bytes, this.settings.lineLimit)) {
      told(text);
      if (text.trim() === '') continue;
      const part = await this.putWhole(
        name,
        { contentType: NDJSON_TYPE, text, headers },
        { atomic: false, received: Date.now(), elements: Infinity },
      );
      all.follow(part);
      if (all.rejected.length > MOST_REJECTED) throw tooManyRejected();
    }
    if (all.elements === 0)
      throw new OrielError('malformed', 'empty-body', 'The body is empty; it must be NDJSON.');
    return all.answer;
  }

  /** All or nothing of NDJSON that did not say how long it is. @throws OrielError as `put`; `body-too-large` (413) */
  async putWholeStream(name: string, bytes: Readable, headers: EventBody['headers']): Promise<IngestAnswer> {
    const { bodyLimit } = this.settings;
    let text = '';
    bytes.setEncoding('utf8');
    for await (const piece of bytes as AsyncIterable<string>) {
      text += piece;
      if (text.length > bodyLimit) throw tooLarge(bodyLimit);
    }
    return this.put(name, { contentType: NDJSON_TYPE, text, headers }, true, Date.now());
  }

  /** @param how `elements`: most of them in the body */
  private async putWhole(
    name: string,
    body: EventBody,
    how: { atomic: boolean; received: number; elements: number },
  ): Promise<Totals> {
    const { atomic, received, elements } = how;
    for (let tries = 1; ; tries++) {
      const stream = await this.streams.one(name);
      const bounds = { elements, characters: this.settings.lineLimit };
      const decoded = decodeBody(body, stream.reader, received, bounds);
      const totals = new Totals(decoded);
      if (atomic && totals.rejected.length > 0) throw rejectedEvents(totals.rejected);
      if (await this.take(stream, decoded, totals, { atomic, received, last: tries === TRIES }))
        return totals;
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

function tooLarge(limit: number): OrielError {
  const detail = `Events that are taken all or not at all are held whole, and these are longer than ${limit} bytes (ORIEL_BODY_LIMIT).`;
  return new OrielError('tooLarge', 'body-too-large', detail);
}

function tooManyRejected(): OrielError {
  const detail = `More than ${MOST_REJECTED} events cannot be taken: the rest was not read. Those before it that could be are in.`;
  return new OrielError('invalid', 'too-many-rejected', detail);
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
