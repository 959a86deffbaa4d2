import { Injectable } from '@nestjs/common';
import { ReadersService } from '../../database/readers.service.js';
import type { WindowResult } from '../engine/messages.js';
import { JournalCalls } from '../journal-calls.service.js';
import type { KeyValues } from '../key-values.js';
import { READ_WINDOW, READ_WINDOWS, STREAM_OPEN, type StreamOpen, type StreamOpenAsk } from '../messages.js';
import type { StoredWindow, WindowQuery } from '../queries/messages.js';
import type { KnownWindow, WindowState } from '../shown.js';
import { StreamsService, unknownStream, type Stream } from '../streams/streams.service.js';
import type { WindowPlace } from './window-token.js';

export interface WindowsQuestion {
  window: string;
  from?: number | undefined;
  to?: number | undefined;
  key?: KeyValues | undefined;
  states: readonly WindowState[];
  after?: WindowPlace | undefined;
  limit: number;
}

export interface WindowsFound {
  watermark: number;
  /** Ordered by start, end, key; at most `limit`. */
  windows: KnownWindow[];
}

/** Puts together what is stored of windows and what the engine knows of those that are open. */
@Injectable()
export class WindowsService {
  constructor(
    private readonly streams: StreamsService,
    private readonly journal: JournalCalls,
    private readonly readers: ReadersService,
  ) {}

  /**
   * The engine is asked first. What is stored by then of windows that end later than its watermark was told in between: those are among
   * the open ones already, so none is there twice or missing.
   * @throws OrielError `unknown-stream`; those of the journal and the readers (503)
   */
  async list({ name, definition }: Stream, question: WindowsQuestion): Promise<WindowsFound> {
    const { window, from, to, key, states, after, limit } = question;
    const place = { from, to, key, after };
    // Where no open ones are asked for, neither is the window: only the watermark.
    const { watermark, items: open } = await this.open(
      name,
      states.includes('open') ? { window, ...place, limit } : { window: '', limit: 0 },
    );
    const bounds = endsOf(states, definition.lateness, watermark);
    const stored = bounds
      ? await this.readers.query<StoredWindow[]>(READ_WINDOWS, { name, window, ...place, ...bounds, limit })
      : [];
    return { watermark, windows: merged(stored, open.map(knownOf)).slice(0, limit) };
  }

  /** One window; null where there is none. @throws as `list` */
  async one(
    { name }: Stream,
    window: string,
    place: WindowPlace,
  ): Promise<{ watermark: number; found: KnownWindow | null }> {
    const { start, end, key } = place;
    const keyed = JSON.parse(key) as unknown[];
    const { watermark, items } = await this.open(name, {
      window,
      from: start,
      to: start + 1,
      key: keyed.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
      after: { start, end: end - 1, key: '' },
      limit: 10,
    });
    const open = items.find((item) => item.start === start && item.end === end && item.key === key);
    if (open) return { watermark, found: knownOf(open) };
    const query: WindowQuery = { name, window, start, end, key };
    const stored = await this.readers.query<StoredWindow | null>(READ_WINDOW, query);
    // One that closed in between is shown as it is now.
    return { watermark: stored ? Math.max(watermark, stored.end) : watermark, found: stored };
  }

  private async open(name: string, query: StreamOpenAsk['query']): Promise<StreamOpen> {
    const found = await this.journal.ask<StreamOpen | null>(STREAM_OPEN, {
      name,
      query,
    } satisfies StreamOpenAsk);
    if (found) return found;
    this.streams.forget(name);
    throw unknownStream();
  }
}

function knownOf(result: WindowResult): KnownWindow {
  const { start, end, key, revision, events, values, truncated, approximate } = result;
  return {
    start,
    end,
    key,
    revision,
    events,
    values,
    ...(truncated && { truncated }),
    ...(approximate && { approximate }),
  };
}

/** Between which ends stored windows have the states asked for; null where none has. */
function endsOf(
  states: readonly WindowState[],
  lateness: number,
  watermark: number,
): { endAbove?: number; endAtMost: number; withdrawn: 'none' | 'only' | 'also' } | null {
  const [closed, final] = [states.includes('closed'), states.includes('final')];
  const withdrawn = states.includes('withdrawn');
  if (!closed && !final) return withdrawn ? { endAtMost: watermark, withdrawn: 'only' } : null;
  return {
    endAtMost: closed ? watermark : watermark - lateness,
    ...(final ? {} : { endAbove: watermark - lateness }),
    withdrawn: withdrawn ? 'also' : 'none',
  };
}

/** Two lists, each in order. No window is in both: those that are open end later. */
function merged(a: readonly KnownWindow[], b: readonly KnownWindow[]): KnownWindow[] {
  const all: KnownWindow[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [one, other] = [a[i], b[j]];
    if (one && (!other || one.start < other.start || (one.start === other.start && one.end < other.end))) {
      all.push(one);
      i++;
    } else {
      all.push(other as KnownWindow);
      j++;
    }
  }
  return all;
}
