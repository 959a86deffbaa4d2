import { Injectable } from '@nestjs/common';
import { OrielError } from '../../errors.js';
import type { WindowDefinition } from '../engine/definition.js';
import { isAligned, spansBetween, type AlignedWindow } from '../engine/grid.js';
import { stateOf, type KnownWindow } from '../shown.js';
import type { Stream } from '../streams/streams.service.js';
import { filled } from './fill.js';
import type { Fill } from './windows.dto.js';
import { WindowsService, type WindowsFound, type WindowsQuestion } from './windows.service.js';

/** Most windows over which gaps are filled, those that were filled in among them. */
export const MOST_FILLED = 10_000;

/** Lists windows with those that nobody is in. */
@Injectable()
export class FilledWindowsService {
  constructor(private readonly windows: WindowsService) {}

  /**
   * All windows asked for are laid out, whichever page is wanted, since what is filled in follows from its neighbours.
   * @throws OrielError `invalid-parameter`, `too-many-items`; those of `WindowsService.list`
   */
  async list(
    stream: Stream,
    definition: WindowDefinition,
    question: WindowsQuestion,
    fill: Fill,
  ): Promise<WindowsFound> {
    if (!isAligned(definition))
      throw fillFault(
        'invalid-parameter',
        `is not for ${definition.type} windows, which are where events are`,
      );
    const { after, limit, ...rest } = question;
    const { watermark, windows } = await this.windows.list(stream, { ...rest, limit: MOST_FILLED + 1 });
    const { lateness } = stream.definition;
    const names = Object.keys(definition.aggregates);
    const all = layOut(definition, windows, question, (spans, known, key) =>
      filled(spans, known, key, fill, names),
    ).filter(({ end }) => question.states.includes(stateOf(end, lateness, watermark)));
    const begin = after ? all.findIndex((window) => compare(window, after) > 0) : 0;
    return { watermark, windows: begin < 0 ? [] : all.slice(begin, begin + limit) };
  }
}

type Span = Pick<KnownWindow, 'start' | 'end'>;

function layOut(
  definition: AlignedWindow,
  windows: readonly KnownWindow[],
  { from, to }: WindowsQuestion,
  fillOne: (spans: readonly Span[], known: readonly KnownWindow[], key: string) => KnownWindow[],
): KnownWindow[] {
  const keys = new Map<string, KnownWindow[]>();
  for (const window of windows) keys.set(window.key, [...(keys.get(window.key) ?? []), window]);
  if (windows.length > MOST_FILLED) throw tooMany();
  const first = windows[0];
  const last = windows.at(-1);
  const spans: Span[] = [];
  if (first && last)
    for (const span of spansBetween(definition, from ?? first.start, to ?? last.start + 1)) {
      // Others may overlap the first, or begin with the last.
      if (from === undefined && byTime(span, first) < 0) continue;
      if (to === undefined && byTime(span, last) > 0) continue;
      spans.push(span);
      if (spans.length * keys.size > MOST_FILLED) throw tooMany();
    }
  return [...keys].flatMap(([key, known]) => fillOne(spans, known, key)).sort(compare);
}

function compare(a: Span & { key: string }, b: Span & { key: string }): number {
  return byTime(a, b) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

function byTime(a: Span, b: Span): number {
  return a.start - b.start || a.end - b.end;
}

function tooMany(): OrielError {
  const detail = `makes more than ${MOST_FILLED} windows: ask for less time by from and to, or for one key`;
  return fillFault('too-many-items', detail);
}

function fillFault(code: string, detail: string): OrielError {
  return new OrielError('badParameter', code, 'The windows cannot be filled in.', {
    faults: [{ pointer: '/fill', detail }],
  });
}
